#include "daemon/services/github/installation_list.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "daemon/services/github/github_client.h"
#include "libtokman/base/text.h"
#include "libtokman/json/value.h"

namespace tokman {
namespace {

constexpr int kDepthMax = 32;

Error unreadable(std::string_view what) {
  return Error{TOKMAN_E_UPSTREAM_DOWN, "GitHub's list is not usable: " + std::string(what)};
}

Result<ListedInstallation> parse_listed(const json::Value& value) {
  const auto id = value.find("id").as_int();
  if (!id || *id <= 0) return unreadable("an installation has no id");
  ListedInstallation listed{.id = *id};
  listed.owner = lower_case(value.find("account").find("login").as_text().value_or(""));
  listed.is_suspended = value.find("suspended_at").as_text().has_value();
  const Result<UnixTime> updated_at =
      parse_github_time(value.find("updated_at").as_text().value_or(""));
  if (!updated_at.ok()) return unreadable("an installation's updated_at is no time");
  listed.updated_at = updated_at.value();
  return listed;
}

// Link: <https://api.github.com/app/installations?page=2>; rel="next", <…>; rel="last"
std::string next_path(const HttpResponse& answer, std::string_view api_base) {
  const auto header = answer.headers.find("link");
  if (header == answer.headers.end()) return "";
  for (const std::string_view each : split(header->second, ',')) {
    const std::string_view link = trim(each);
    const std::size_t end = link.find('>');
    if (end == std::string_view::npos || link.find("rel=\"next\"", end) == std::string_view::npos) {
      continue;
    }
    const std::string_view url = link.substr(1, end - 1);
    const bool stays = url.starts_with(api_base) && url.substr(api_base.size()).starts_with('/');
    return stays ? std::string(url.substr(api_base.size())) : "";
  }
  return "";
}

}  // namespace

std::string installation_list_path(std::optional<UnixTime> since) {
  std::string path = "/app/installations?per_page=100";
  if (since) {
    const std::time_t time = std::chrono::system_clock::to_time_t(*since);
    path += fmt::format("&since={:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time));
  }
  return path;
}

Result<InstallationPage> parse_installation_page(const HttpResponse& answer,
                                                 std::string_view api_base) {
  const Result<json::Value> parsed = json::parse(answer.body.reveal(), kDepthMax);
  if (!parsed.ok()) return unreadable(parsed.error().message);
  if (!parsed.value().is_array()) return unreadable("it is no list");
  InstallationPage page;
  for (const json::Value& value : parsed.value().elements()) {
    Result<ListedInstallation> listed = parse_listed(value);
    if (!listed.ok()) return listed.error();
    page.installations.push_back(std::move(listed).value());
  }
  page.next = next_path(answer, api_base);
  return page;
}

}  // namespace tokman
