#include "libtokman/client/request.h"

#include <utility>

#include "libtokman/protocol/message.h"

namespace tokman {
namespace {

const char* level_of(tokman_access access) {
  switch (access) {
    case TOKMAN_ACCESS_READ:
      return "read";
    case TOKMAN_ACCESS_WRITE:
      return "write";
    case TOKMAN_ACCESS_ADMIN:
      break;
  }
  return "admin";
}

}  // namespace

void Request::set_app(std::string_view app) {
  frame_.reset();
  app_ = app;
}

void Request::add_repository(std::string_view name) {
  frame_.reset();
  repositories_.emplace_back(name);
}

void Request::add_permission(std::string_view name, tokman_access access) {
  frame_.reset();
  permissions_[std::string(name)] = level_of(access);
}

void Request::set_min_lifetime_s(std::uint32_t lifetime_s) {
  frame_.reset();
  min_lifetime_s_ = lifetime_s;
}

void Request::set_priority(std::uint32_t priority) {
  frame_.reset();
  priority_ = priority;
}

void Request::set_rejected(std::optional<std::string> fingerprint) {
  frame_.reset();
  rejected_ = std::move(fingerprint);
}

void Request::set_exclusive(bool is_exclusive) {
  frame_.reset();
  is_exclusive_ = is_exclusive;
}

const std::string& Request::frame() const {
  if (!frame_) frame_ = render();
  return *frame_;
}

std::string Request::rejection_frame(std::string_view fingerprint) const {
  json::Value parameters = which();
  parameters.set("fingerprint", json::Value::of(fingerprint));
  return render_call(Call{.method = "io.tokman.GitHub.ReportRejected", .parameters = parameters});
}

json::Value Request::which() const {
  json::Value parameters = json::Value::object().set("target", target_);
  if (app_) parameters.set("app", *app_);
  if (!permissions_.empty()) parameters.set("permissions", permissions_);
  if (!repositories_.empty()) parameters.set("repositories", repositories_);
  return parameters;
}

std::string Request::render() const {
  json::Value parameters = which();
  if (min_lifetime_s_) parameters.set("min_lifetime", std::int64_t{*min_lifetime_s_});
  if (priority_) parameters.set("priority", std::int64_t{*priority_});
  if (rejected_) parameters.set("rejected", *rejected_);
  if (is_exclusive_) parameters.set("exclusive", true);
  return render_call(Call{.method = "io.tokman.GitHub.GetToken", .parameters = parameters});
}

}  // namespace tokman
