#pragma once
// Who asks for something about access tokens: whose authority it is, and who is written down.
#include <optional>
#include <string>

#include "daemon/domain/access/access_token.h"
#include "daemon/domain/access/history_entry.h"

namespace tokman {

struct AccessCaller {
  std::string username;  // "" if it has none: a uid without a name, a client.
  ScopeNames scopes;     // What it may do now: of its grants, within its credential.
  std::optional<AccessTokenInfo> token = {};  // The one that was presented, if one was.
  std::string client = {};                    // The id of the client that was presented.
  Actor actor = {};

  bool has(Scope scope) const { return scopes.contains(scope_name(scope)); }
};

}  // namespace tokman
