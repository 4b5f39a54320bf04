#include "daemon/domain/access/access_rules.h"

#include <algorithm>
#include <iterator>

#include "daemon/domain/access/access_names.h"

namespace tokman {
namespace {

// The last second of the year 9999: what others can still write as a date.
constexpr UnixTime kLatestExpiry{std::chrono::seconds(253'402'300'799)};

Error invalid(std::string field, std::string message) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, std::move(message), std::move(field)};
}
Error denied(std::string message, std::string field = "") {
  return Error{TOKMAN_E_DENIED, std::move(message), std::move(field)};
}

std::string first_missing(const ScopeNames& some, const ScopeNames& all) {
  const auto missing = std::find_if(some.begin(), some.end(),
                                    [&](const std::string& name) { return !all.contains(name); });
  return missing == some.end() ? "" : *missing;
}

Result<Done> check_speaks_for_a_user(const AccessCaller& caller) {
  if (is_username(caller.username)) return Done{};
  return denied(caller.username.empty()
                    ? "only a user has access tokens, and " + caller.actor.name + " is none"
                    : "the account name '" + caller.username +
                          "' cannot have access tokens: lower-case letters, digits, '_', and "
                          "single '-' and '.' between them are needed");
}

Result<Done> check_known(const ScopeNames& scopes, const AccessTerms& terms) {
  const std::string unknown = first_missing(scopes, terms.scopes);
  if (unknown.empty()) return Done{};
  return invalid("scopes", "there is no scope '" + unknown + "'");
}

Result<Done> check_held(const ScopeNames& scopes, const AccessCaller& caller) {
  const std::string missing = first_missing(scopes, caller.scopes);
  if (missing.empty()) return Done{};
  return denied("a token cannot be given the scope '" + missing + "' that its maker lacks",
                "scopes");
}

Result<Done> check_expiry(UnixTime at, UnixTime now) {
  if (at < now + kAccessTokenLifeMin) {
    return invalid("expires", "'expires' must be " + std::to_string(kAccessTokenLifeMin.count()) +
                                  " seconds from now or later");
  }
  if (at > kLatestExpiry) return invalid("expires", "'expires' is after the year 9999");
  return Done{};
}

// None: never.
Result<std::optional<UnixTime>> choose_expiry(const WantedExpiry& wanted, const AccessTerms& terms,
                                              UnixTime now) {
  if (wanted.never == NoExpiry::yes) {
    if (!wanted.at) return std::optional<UnixTime>();
    return invalid("no_expire", "'expires' and 'no_expire' exclude each other");
  }
  if (!wanted.at) return std::optional(now + terms.user_token_lifetime);
  if (Result<Done> checked = check_expiry(*wanted.at, now); !checked.ok()) return checked.error();
  return wanted.at;
}

Result<Done> check_token_name(const std::string& name) {
  if (is_token_name(name)) return Done{};
  return invalid("name",
                 "'name' must have 1 to 64 bytes, none of them of a control character, and no "
                 "space at its ends");
}

Result<Done> check_admin_names(const AdminTokenRequest& request) {
  if (request.type == TokenType::service) {
    if (!is_bot_name(request.username)) {
      return invalid("username", "the user of a service token must be called 'bot-…'");
    }
    if (request.name.empty()) return Done{};
    return invalid("name", "a service token has no name");
  }
  if (request.type != TokenType::user) {
    return invalid("type", "'type' must be 'user' or 'service'");
  }
  if (!is_username(request.username)) {
    return invalid("username",
                   "'username' must have lower-case letters, digits, '_', and single '-' and '.' "
                   "between them");
  }
  return check_token_name(request.name);
}

std::chrono::seconds life_left(const AccessTokenInfo& token, UnixTime now) {
  return token.expires ? *token.expires - now : std::chrono::seconds::max();
}

UnixTime child_expiry(const AccessTokenInfo& parent, const AccessTerms& terms, UnixTime now) {
  const UnixTime own = now + terms.token_lifetime;
  return parent.expires ? std::min(*parent.expires, own) : own;
}

Result<ScopeNames> child_scopes(const AccessTokenInfo& parent, const ChildTokenRequest& request) {
  if (request.type == TokenType::oidc) return ScopeNames();
  if (request.type == TokenType::notebook) return parent.scopes;
  ScopeNames scopes;
  std::set_intersection(request.scopes.begin(), request.scopes.end(), parent.scopes.begin(),
                        parent.scopes.end(), std::inserter(scopes, scopes.end()));
  if (scopes.size() == request.scopes.size()) return scopes;
  if (request.on_missing_scope == OnMissingScope::drop) return scopes;
  return denied(
      "the token in 'auth' lacks the scope '" + first_missing(request.scopes, parent.scopes) + "'",
      "scopes");
}

}  // namespace

Result<AccessTokenInfo> new_session_token(const AccessCaller& caller,
                                          const std::optional<ScopeNames>& scopes,
                                          const AccessTerms& terms, UnixTime now) {
  if (caller.token || !caller.client.empty()) {
    return denied("a session is made for a process itself, without 'auth'");
  }
  if (Result<Done> user = check_speaks_for_a_user(caller); !user.ok()) return user.error();
  const ScopeNames& wanted = scopes ? *scopes : caller.scopes;
  if (Result<Done> known = check_known(wanted, terms); !known.ok()) return known.error();
  if (Result<Done> held = check_held(wanted, caller); !held.ok()) return held.error();
  return AccessTokenInfo{.key = "",
                         .type = TokenType::session,
                         .username = caller.username,
                         .scopes = wanted,
                         .created = now,
                         .expires = now + terms.token_lifetime};
}

Result<AccessTokenInfo> new_user_token(const AccessCaller& caller, const UserTokenRequest& request,
                                       const AccessTerms& terms, UnixTime now) {
  const bool is_admin = caller.has(Scope::admin_token);
  if (Result<Done> user = check_speaks_for_a_user(caller); !user.ok()) return user.error();
  if (Result<Done> name = check_token_name(request.name); !name.ok()) return name.error();
  if (Result<Done> known = check_known(request.scopes, terms); !known.ok()) return known.error();
  if (Result<Done> held = check_held(request.scopes, caller); !held.ok() && !is_admin) {
    return held.error();
  }
  if (request.expiry.never == NoExpiry::yes && !is_admin) {
    return denied("a token that never expires needs the scope admin:token", "no_expire");
  }
  const auto expires = choose_expiry(request.expiry, terms, now);
  if (!expires.ok()) return expires.error();
  return AccessTokenInfo{.key = "",
                         .type = TokenType::user,
                         .username = caller.username,
                         .name = request.name,
                         .scopes = request.scopes,
                         .created = now,
                         .expires = expires.value()};
}

Result<AccessTokenInfo> new_token_from_admin_request(const AccessCaller& caller,
                                                     const AdminTokenRequest& request,
                                                     const AccessTerms& terms, UnixTime now) {
  if (!caller.has(Scope::admin_token)) {
    return denied("tokens for others need the scope admin:token");
  }
  if (Result<Done> names = check_admin_names(request); !names.ok()) return names.error();
  if (Result<Done> known = check_known(request.scopes, terms); !known.ok()) return known.error();
  const auto expires = choose_expiry(request.expiry, terms, now);
  if (!expires.ok()) return expires.error();
  return AccessTokenInfo{.key = "",
                         .type = request.type,
                         .username = request.username,
                         .name = request.name,
                         .scopes = request.scopes,
                         .created = now,
                         .expires = expires.value()};
}

Result<Done> check_child_request(const ChildTokenRequest& request, const AccessTerms& terms) {
  if (request.type == TokenType::internal && !is_service_name(request.service)) {
    return invalid("service", "'service' must have 1 to 64 letters, digits, '_', '.' and '-'");
  }
  if (Result<Done> known = check_known(request.scopes, terms); !known.ok()) return known;
  if (!request.minimum_lifetime) return Done{};
  const std::chrono::seconds most = terms.token_lifetime - kAccessTokenLifeMin;
  if (*request.minimum_lifetime >= kAccessTokenLifeMin && *request.minimum_lifetime <= most) {
    return Done{};
  }
  return invalid("minimum_lifetime", "'minimum_lifetime' must be from " +
                                         std::to_string(kAccessTokenLifeMin.count()) + " to " +
                                         std::to_string(most.count()) + " seconds");
}

Result<AccessTokenInfo> new_child_token(const AccessTokenInfo& parent,
                                        const ChildTokenRequest& request, const AccessTerms& terms,
                                        UnixTime now) {
  if (!parent.is_alive(now)) {
    return Error{TOKMAN_E_TOKEN_EXPIRED, "the access token has expired", "auth"};
  }
  const auto needed = request.minimum_lifetime.value_or(kAccessTokenLifeMin);
  if (life_left(parent, now) < needed) {
    return Error{TOKMAN_E_LIFETIME_TOO_SHORT,
                 "the token in 'auth' lives for " + std::to_string(life_left(parent, now).count()) +
                     " more seconds; its child was to live for " + std::to_string(needed.count()),
                 "auth"};
  }
  Result<ScopeNames> scopes = child_scopes(parent, request);
  if (!scopes.ok()) return scopes.error();
  return AccessTokenInfo{.key = "",
                         .type = request.type,
                         .username = parent.username,
                         .service = request.service,
                         .scopes = std::move(scopes).value(),
                         .created = now,
                         .expires = child_expiry(parent, terms, now),
                         .parent = parent.key};
}

bool can_reuse_child(const AccessTokenInfo& child, const AccessTokenInfo& parent,
                     const AccessTokenInfo& fresh,
                     const std::optional<std::chrono::seconds>& minimum_lifetime, UnixTime now) {
  const bool is_alike = child.parent == fresh.parent && child.type == fresh.type &&
                        child.service == fresh.service && child.scopes == fresh.scopes;
  if (!is_alike || !child.expires || !child.is_alive(now)) return false;
  // Doubled, so that half of an odd number is exact.
  const auto longer_life = std::max(*child.expires - child.created, *fresh.expires - fresh.created);
  const auto twice_needed = minimum_lifetime ? 2 * *minimum_lifetime : longer_life;
  const auto left = life_left(child, now);
  return 2 * left >= twice_needed || left >= life_left(parent, now);
}

Result<AccessTokenInfo> edited_token(const AccessTokenInfo& token, const TokenEdit& edit,
                                     const AccessTerms& terms, UnixTime now) {
  if (token.type != TokenType::user) return denied("only user tokens can be changed", "key");
  AccessTokenInfo edited = token;
  if (edit.name) {
    if (Result<Done> checked = check_token_name(*edit.name); !checked.ok()) return checked.error();
    edited.name = *edit.name;
  }
  if (edit.scopes) {
    if (Result<Done> known = check_known(*edit.scopes, terms); !known.ok()) return known.error();
    edited.scopes = *edit.scopes;
  }
  if (edit.expiry.is_given()) {
    const auto expires = choose_expiry(edit.expiry, terms, now);
    if (!expires.ok()) return expires.error();
    edited.expires = expires.value();
  }
  return edited;
}

Result<Done> check_may_act_for(const AccessCaller& caller, const std::string& username) {
  if (caller.has(Scope::admin_token)) return Done{};
  if (username.empty() || username != caller.username) {
    return denied("tokens of others need the scope admin:token");
  }
  if (caller.has(Scope::user_token)) return Done{};
  return denied("one's own tokens need the scope user:token");
}

Error no_such_token() { return Error{TOKMAN_E_NOT_FOUND, "there is no such access token", "key"}; }

bool may_see_token(const AccessCaller& caller, const AccessTokenInfo& token,
                   const std::optional<std::string>& username) {
  if (username && *username != token.username) return false;
  return check_may_act_for(caller, token.username).ok();
}

}  // namespace tokman
