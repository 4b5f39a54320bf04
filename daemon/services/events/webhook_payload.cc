#include "daemon/services/events/webhook_payload.h"

#include <algorithm>

#include "daemon/domain/github/token_request.h"
#include "libtokman/base/text.h"
#include "libtokman/json/value.h"

namespace tokman {
namespace {

constexpr int kDepthMax = 32;

std::string name_of(const json::Value& object, const char* member) {
  return lower_case(object.find(member).as_text().value_or(""));
}

// Where GitHub says what a name was before: changes.login.from, changes.owner.from.user.login.
std::string former_owner_of(const json::Value& payload) {
  const json::Value changes = payload.find("changes");
  const json::Value from = changes.find("owner").find("from");
  for (const char* kind : {"user", "organization"}) {
    if (std::string login = name_of(from.find(kind), "login"); !login.empty()) return login;
  }
  return name_of(changes.find("login"), "from");
}

std::string owner_of(const json::Value& payload) {
  const json::Value places[] = {
      payload.find("account"),  // Of installation_target: the new name.
      payload.find("installation").find("account"),
      payload.find("repository").find("owner"),
      payload.find("organization"),
  };
  for (const json::Value& account : places) {
    if (std::string login = name_of(account, "login"); !login.empty()) return login;
  }
  return "";
}

std::string repository_of(const json::Value& payload) {
  const json::Value changed = payload.find("changes").find("repository").find("name");
  std::string former = name_of(changed, "from");
  return former.empty() ? name_of(payload.find("repository"), "name") : former;
}

// More than one token can name is as good as all.
std::vector<std::string> repositories_of(const json::Value& payload) {
  std::vector<std::string> names;
  for (const json::Value& removed : payload.find("repositories_removed").elements()) {
    names.push_back(name_of(removed, "name"));
  }
  if (std::string name = repository_of(payload); !name.empty()) names.push_back(std::move(name));
  if (names.size() > kRepositoriesMax) names.clear();
  return names;
}

bool has_odd_names(const WebhookEvent& event) {
  const auto is_odd = [](const std::string& name) {
    return !name.empty() && !is_github_name(name);
  };
  return is_odd(event.owner) || is_odd(event.former_owner) ||
         std::any_of(event.repositories.begin(), event.repositories.end(), is_odd);
}

}  // namespace

Result<WebhookPayload> parse_webhook(std::string_view event_name, std::string_view body) {
  const Result<json::Value> parsed = json::parse(body, kDepthMax);
  if (!parsed.ok()) return Error{TOKMAN_E_INVALID_ARGUMENT, parsed.error().message, "body"};
  const json::Value& payload = parsed.value();
  if (!payload.is_object()) return Error{TOKMAN_E_INVALID_ARGUMENT, "it is no object", "body"};
  const json::Value installation = payload.find("installation");
  WebhookPayload read;
  read.event.event = event_name;
  read.event.action = payload.find("action").as_text().value_or("");
  read.event.installation_id = installation.find("id").as_int().value_or(0);
  read.event.owner = owner_of(payload);
  read.event.former_owner = former_owner_of(payload);
  read.event.repositories = repositories_of(payload);
  read.app_id = installation.find("app_id").as_int();
  if (has_odd_names(read.event)) {
    return Error{TOKMAN_E_INVALID_ARGUMENT, "it has a name that GitHub cannot have", "body"};
  }
  return read;
}

}  // namespace tokman
