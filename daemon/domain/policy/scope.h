#pragma once
// Scopes: what a method needs and a grant gives.
#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace tokman {

enum class Scope : std::uint8_t {
  none,  // Every caller has it: Ping, WhoAmI.
  github_token,
  github_webhook,
  user_token,
  admin_token,
  admin_client,
  admin_daemon,
};

// Scopes as access tokens and clients have them: tokman's own, and those that [access.scopes] adds
// for other services.
using ScopeNames = std::set<std::string, std::less<>>;

struct ScopeName {
  Scope scope;
  std::string_view name;
  std::string_view summary;
};

inline constexpr std::array kScopeNames = {
    ScopeName{Scope::github_token, "github:token", "Get installation tokens within the grant."},
    ScopeName{Scope::github_webhook, "github:webhook",
              "Verify GitHub's webhooks, and hand them in; of the grant's apps, if it names any."},
    ScopeName{Scope::user_token, "user:token", "Make access tokens for oneself, see and end them."},
    ScopeName{Scope::admin_token, "admin:token",
              "Make, see, change and end everybody's access tokens; read all of the history."},
    ScopeName{Scope::admin_client, "admin:client", "Make, see, change and end clients."},
    ScopeName{Scope::admin_daemon, "admin:daemon", "See all of the daemon's state; reload it."},
};

constexpr std::string_view scope_name(Scope scope) {
  for (const ScopeName& row : kScopeNames) {
    if (row.scope == scope) return row.name;
  }
  return "none";
}

constexpr std::optional<Scope> parse_scope(std::string_view name) {
  for (const ScopeName& row : kScopeNames) {
    if (row.name == name) return row.scope;
  }
  return std::nullopt;
}

}  // namespace tokman
