#pragma once
// One [[grant]] of the configuration: who it is for, and what it gives.
#include <sys/types.h>

#include <string>
#include <vector>

#include "daemon/domain/github/permissions.h"
#include "daemon/domain/limits/caller_budgets.h"
#include "daemon/domain/policy/scope.h"

namespace tokman {

// All conditions that are given must hold; a condition with several values means any of them, one
// without values is not given.
struct GrantMatch {
  std::vector<std::string> users = {};
  std::vector<uid_t> uids = {};
  std::vector<std::string> groups = {};
  std::vector<gid_t> gids = {};
  std::vector<std::string> units = {};     // Globs: "packit-worker@*.service".
  std::vector<std::string> programs = {};  // Globs on the absolute path.
  std::vector<std::string> clients = {};   // Ids: then it is for clients, and for them only.

  bool operator==(const GrantMatch&) const = default;
};

struct Grant {
  std::string name;
  GrantMatch match;
  ScopeNames scopes;
  std::vector<std::string> apps;
  // "owner/repo" for repositories, "owner" for the whole installation; lower case; '*' matches
  // within a segment. Neither form includes the other.
  std::vector<std::string> targets;
  Permissions permissions;  // The upper bound; also the default of a request.
  std::int64_t max_priority = 0;
  std::int64_t requests_per_minute = kNoBound;  // 0: whom it matches is blocked.
  std::int64_t mints_per_minute = kNoBound;

  bool gives(Scope scope) const { return scopes.contains(scope_name(scope)); }
};

}  // namespace tokman
