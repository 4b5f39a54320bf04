#pragma once
// What access tokens may be made, of what, for how long, and by whom.
//
// Each function decides one thing from what it is given: the caller, the token that is there, and
// the time. Where it says how a token would be, that has no key yet.
#include <chrono>
#include <optional>
#include <string>

#include "daemon/domain/access/access_caller.h"
#include "daemon/domain/access/access_token.h"
#include "libtokman/base/result.h"

namespace tokman {

// No token is made, and none changed, to live shorter; no child of a parent that has less left.
inline constexpr std::chrono::seconds kAccessTokenLifeMin{300};

// What the configuration says about access tokens.
struct AccessTerms {
  std::chrono::seconds token_lifetime{};       // Of sessions; of children at most.
  std::chrono::seconds user_token_lifetime{};  // Where nothing else was asked for.
  std::size_t tokens_per_user = 10'000;
  ScopeNames scopes = {};  // All that there are.
};

enum class NoExpiry : bool { no, yes };

struct WantedExpiry {
  std::optional<UnixTime> at = {};
  NoExpiry never = NoExpiry::no;

  bool is_given() const { return at.has_value() || never == NoExpiry::yes; }
};

// A session is made for a process that speaks for itself, never of another credential: else a
// token that somebody got hold of could not be ended. Without `scopes` it has all of the caller's.
Result<AccessTokenInfo> new_session_token(const AccessCaller& caller,
                                          const std::optional<ScopeNames>& scopes,
                                          const AccessTerms& terms, UnixTime now);

struct UserTokenRequest {
  std::string name;
  ScopeNames scopes = {};
  WantedExpiry expiry = {};
};
// Only for oneself, with what one has; admin:token gives every scope, and no end of life.
Result<AccessTokenInfo> new_user_token(const AccessCaller& caller, const UserTokenRequest& request,
                                       const AccessTerms& terms, UnixTime now);

struct AdminTokenRequest {
  std::string username;
  TokenType type = TokenType::user;  // Or service.
  std::string name = {};             // Of a user token, which must have one.
  ScopeNames scopes = {};
  WantedExpiry expiry = {};
};
Result<AccessTokenInfo> new_token_from_admin_request(const AccessCaller& caller,
                                                     const AdminTokenRequest& request,
                                                     const AccessTerms& terms, UnixTime now);

enum class OnMissingScope : bool { error, drop };

struct ChildTokenRequest {
  TokenType type = TokenType::internal;  // Or notebook, or oidc.
  std::string service = {};              // Of internal ones.
  ScopeNames scopes = {};                // Likewise.
  std::optional<std::chrono::seconds> minimum_lifetime = {};
  OnMissingScope on_missing_scope = OnMissingScope::error;
};
// What can be said of a request before its parent is known.
Result<Done> check_child_request(const ChildTokenRequest& request, const AccessTerms& terms);
// A child has its parent's scopes (notebook), some of them (internal) or none (oidc), and ends with
// it, or after terms.token_lifetime. TOKMAN_E_LIFETIME_TOO_SHORT if the parent has not as long left
// as was asked for, or not kAccessTokenLifeMin. REQUIRES: the request has been checked.
Result<AccessTokenInfo> new_child_token(const AccessTokenInfo& parent,
                                        const ChildTokenRequest& request, const AccessTerms& terms,
                                        UnixTime now);
// Whether `child`, which is there, does instead of `fresh`, which new_child_token() gave. It is the
// same but for its life, and has left of it what was asked for; if nothing was, half of its own
// life and half of the fresh one's. More than the parent has left is never needed. Equality is
// enough.
bool can_reuse_child(const AccessTokenInfo& child, const AccessTokenInfo& parent,
                     const AccessTokenInfo& fresh,
                     const std::optional<std::chrono::seconds>& minimum_lifetime, UnixTime now);

// What is absent stays as it is; empty scopes are none.
struct TokenEdit {
  std::optional<std::string> name = {};
  std::optional<ScopeNames> scopes = {};
  WantedExpiry expiry = {};
};
// Only user tokens can be changed. REQUIRES: the caller has admin:token.
Result<AccessTokenInfo> edited_token(const AccessTokenInfo& token, const TokenEdit& edit,
                                     const AccessTerms& terms, UnixTime now);

// Whose tokens a call may be about: the caller's own with user:token, anybody's with admin:token.
// "" in `username`: everybody's.
Result<Done> check_may_act_for(const AccessCaller& caller, const std::string& username);
// One answer for a key that nobody has, that somebody else has, and that not `username` has.
Error no_such_token();
bool may_see_token(const AccessCaller& caller, const AccessTokenInfo& token,
                   const std::optional<std::string>& username);

}  // namespace tokman
