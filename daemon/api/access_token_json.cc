#include "daemon/api/access_token_json.h"

namespace tokman {
namespace {

std::int64_t seconds(UnixTime time) { return time.time_since_epoch().count(); }

}  // namespace

json::Value access_token_json(const AccessTokenInfo& info) {
  json::Value value = json::Value::object();
  value.set("key", info.key).set("type", json::Value::of(token_type_name(info.type)));
  value.set("username", info.username);
  if (!info.name.empty()) value.set("name", info.name);
  if (!info.service.empty()) value.set("service", info.service);
  value.set("scopes", std::vector<std::string>(info.scopes.begin(), info.scopes.end()));
  value.set("created", seconds(info.created));
  if (info.expires) value.set("expires", seconds(*info.expires));
  if (!info.parent.empty()) value.set("parent", info.parent);
  return value;
}

}  // namespace tokman
