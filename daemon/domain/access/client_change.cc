#include "daemon/domain/access/client_change.h"

#include <array>
#include <utility>

namespace tokman {
namespace {

template <class Value>
void replace(Value& value, const std::optional<Value>& wanted) {
  if (wanted) value = *wanted;
}

void append(std::string& list, const std::string& item) {
  if (!list.empty()) list += ' ';
  list += item;
}

// By name, as people read it; what a client has not is "".
std::array<std::pair<const char*, std::string>, 7> facts_of(const Client& client) {
  std::string scopes, priorities, uids;
  for (const std::string& scope : client.scopes) append(scopes, scope);
  for (const auto& [queue, priority] : client.max_priority) {
    append(priorities, queue + "=" + std::to_string(priority));
  }
  for (const uid_t uid : client.bind_uids) append(uids, std::to_string(uid));
  return {{{"owner", client.owner},
           {"description", client.description},
           {"scopes", scopes},
           {"max_priority", priorities},
           {"bind_uids", uids},
           {"expires",
            client.expires ? std::to_string(client.expires->time_since_epoch().count()) : ""},
           {"disabled", client.is_disabled ? "yes" : ""}}};
}

}  // namespace

void ClientChange::apply_to(Client& client) const {
  replace(client.owner, owner);
  replace(client.description, description);
  replace(client.scopes, scopes);
  replace(client.max_priority, max_priority);
  replace(client.bind_uids, bind_uids);
  replace(client.expires, expires);
  replace(client.is_disabled, is_disabled);
}

std::string describe_change(const Client& before, const Client& after) {
  const auto former = facts_of(before), now = facts_of(after);
  std::string text;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const std::string &from = former[i].second, &to = now[i].second;
    if (from == to) continue;
    text.append(text.empty() ? "" : "; ").append(now[i].first).append(": ");
    text += to.empty() ? "none" : to;
    if (!from.empty()) text += " (was " + from + ")";
  }
  return text;
}

}  // namespace tokman
