#pragma once
// An access token: how it is written, and what is known about it.
//
// "tmk_<key>.<secret>", each 128 random bits as 22 characters of base64url. The key names the token
// in histories and calls and may be shown; the secret proves that one holds it. Who is handed a
// token may act for its user, within its scopes.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/ports.h"
#include "daemon/domain/policy/scope.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr std::string_view kAccessTokenPrefix = "tmk_";
inline constexpr std::size_t kAccessTokenPartBytes = 16;
inline constexpr std::size_t kAccessTokenPartChars = 22;

struct AccessToken {
  std::string key;
  SecretBytes secret;

  SecretBytes text() const;
};

// None unless it is exactly one token: nothing before or after it, no bits left over.
std::optional<AccessToken> parse_access_token(std::string_view text);
bool is_access_token_key(std::string_view text);

AccessToken make_access_token(Random& random);

// To add a type: a row here, and what it may do in access_rules.h.
enum class TokenType : std::uint8_t { session, user, notebook, internal, service, oidc };

struct TokenTypeName {
  TokenType type;
  std::string_view name;
  std::string_view summary;
};
inline constexpr std::array kTokenTypeNames = {
    TokenTypeName{TokenType::session, "session", "Of a process that asked for itself."},
    TokenTypeName{TokenType::user, "user", "Named; made by its user, or for it."},
    TokenTypeName{TokenType::notebook, "notebook", "A child with all scopes of its parent."},
    TokenTypeName{TokenType::internal, "internal", "A child for one service."},
    TokenTypeName{TokenType::service, "service", "Of a bot; made by an administrator."},
    TokenTypeName{TokenType::oidc, "oidc", "A child without scopes, which only says who it is of."},
};

constexpr std::string_view token_type_name(TokenType type) {
  return kTokenTypeNames[static_cast<std::size_t>(type)].name;
}
constexpr std::optional<TokenType> parse_token_type(std::string_view name) {
  for (const TokenTypeName& row : kTokenTypeNames) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

// What is known about a token, without its secret.
struct AccessTokenInfo {
  std::string key;
  TokenType type = TokenType::session;
  std::string username;
  std::string name = {};     // Of user tokens.
  std::string service = {};  // Of internal ones.
  ScopeNames scopes = {};
  UnixTime created{};
  std::optional<UnixTime> expires = {};  // None: never.
  std::string parent = {};               // The key of the token it was made from.

  bool is_alive(UnixTime now) const { return !expires || *expires > now; }
  bool operator==(const AccessTokenInfo&) const = default;
};

}  // namespace tokman
