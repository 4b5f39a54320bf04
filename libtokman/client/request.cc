#include "libtokman/client/request.h"

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

const std::string& Request::frame() const {
  if (!frame_) frame_ = render();
  return *frame_;
}

std::string Request::render() const {
  json::Value parameters = json::Value::object().set("target", target_);
  if (app_) parameters.set("app", *app_);
  if (!permissions_.empty()) parameters.set("permissions", permissions_);
  if (!repositories_.empty()) parameters.set("repositories", repositories_);
  if (min_lifetime_s_) parameters.set("min_lifetime", std::int64_t{*min_lifetime_s_});
  return render_call(Call{.method = "io.tokman.GitHub.GetToken", .parameters = parameters});
}

}  // namespace tokman
