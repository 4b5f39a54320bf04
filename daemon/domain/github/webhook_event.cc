#include "daemon/domain/github/webhook_event.h"

#include <algorithm>
#include <array>

namespace tokman {
namespace {

using enum CacheAction;

constexpr std::size_t kActionsMax = 4;

struct Rule {
  std::string_view event;
  std::string_view action;
  std::size_t count;
  std::array<CacheAction, kActionsMax> actions;
};

template <class... Actions>
constexpr Rule rule(std::string_view event, std::string_view action, Actions... actions) {
  return {event, action, sizeof...(actions), {actions...}};
}

constexpr Rule kRules[] = {
    rule("installation", "created", learn_installation, clear_refusals),
    rule("installation", "deleted", forget_installation, drop_tokens, look_again),
    rule("installation", "suspend", drop_tokens, look_again),
    rule("installation", "unsuspend", clear_refusals),
    rule("installation", "new_permissions_accepted", renew_tokens, clear_refusals),
    rule("installation_repositories", "removed", drop_tokens_of_repositories),
    rule("installation_repositories", "added", clear_refusals),
    rule("installation_target", "renamed", forget_former_owner, drop_tokens, learn_installation,
         clear_refusals),
    // A token for an old name reaches what has a new one, which policy may not give.
    rule("repository", "renamed", drop_tokens_of_repositories, clear_refusals),
    // Only the new owner's installation is told.
    rule("repository", "transferred", drop_tokens_of_former_owner, clear_refusals),
    rule("repository", "deleted", drop_tokens_of_repositories),
    rule("organization", "renamed", forget_former_owner, drop_tokens, learn_installation,
         clear_refusals),
    rule("organization", "deleted", forget_installation, drop_tokens, look_again),
};

struct ActionName {
  CacheAction action;
  std::string_view name;
};

constexpr ActionName kActionNames[] = {
    {learn_installation, "learn_installation"},
    {forget_installation, "forget_installation"},
    {forget_former_owner, "forget_former_owner"},
    {drop_tokens, "drop_tokens"},
    {drop_tokens_of_repositories, "drop_tokens_of_repositories"},
    {drop_tokens_of_former_owner, "drop_tokens_of_former_owner"},
    {renew_tokens, "renew_tokens"},
    {clear_refusals, "clear_refusals"},
    {look_again, "look_again"},
};

}  // namespace

std::span<const CacheAction> actions_for(std::string_view event, std::string_view action) {
  const auto found = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& row) {
    return row.event == event && row.action == action;
  });
  if (found == std::end(kRules)) return {};
  return std::span(found->actions).first(found->count);
}

std::string_view cache_action_name(CacheAction action) {
  return std::find_if(std::begin(kActionNames), std::end(kActionNames),
                      [action](const ActionName& row) { return row.action == action; })
      ->name;
}

}  // namespace tokman
