#include "daemon/domain/access/history_rules.h"

namespace tokman {
namespace {

Error denied(const AccessCaller& caller, Scope needed) {
  return Error{TOKMAN_E_DENIED, "nothing gives " + caller.actor.name + " the scope " +
                                    std::string(scope_name(needed)) + ", which that needs"};
}

bool may_see_clients(const AccessCaller& caller) {
  return caller.has(Scope::admin_client) || caller.has(Scope::admin_token);
}

Result<Done> narrow_to_clients(const AccessCaller& caller, HistoryFilter& filter) {
  if (!may_see_clients(caller)) return denied(caller, Scope::admin_client);
  filter.kinds = {HistoryKind::client};
  return Done{};
}

Result<Done> narrow_to_user(const AccessCaller& caller, const std::optional<std::string>& username,
                            HistoryFilter& filter) {
  const bool is_admin = caller.has(Scope::admin_token);
  const bool is_own = !username || *username == caller.username;
  if (!is_admin && !(is_own && caller.has(Scope::user_token))) {
    return denied(caller, is_own ? Scope::user_token : Scope::admin_token);
  }
  if (is_admin && !username && !filter.key.empty()) return Done{};  // Whosever it is.
  filter.username = username.value_or(caller.username);
  if (filter.username.empty()) {
    return Error{TOKMAN_E_DENIED, caller.actor.name + " is no user, and has no history of its own"};
  }
  return Done{};
}

}  // namespace

Result<Done> narrow_history(const AccessCaller& caller, const HistoryWish& wish,
                            HistoryFilter& filter) {
  const bool wants_clients =
      !filter.client.empty() || filter.kinds == std::set{HistoryKind::client};
  if (wants_clients) return narrow_to_clients(caller, filter);
  const bool wants_all = wish.all.value_or(false) && !wish.username && filter.key.empty();
  if (!wants_all) return narrow_to_user(caller, wish.username, filter);
  if (!caller.has(Scope::admin_token)) return denied(caller, Scope::admin_token);
  return Done{};
}

}  // namespace tokman
