#pragma once
// What stands in the JWT that a client gets for its key, and when it is good.
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/domain/policy/scope.h"
#include "libtokman/base/result.h"

namespace tokman {

inline constexpr std::chrono::seconds kAccessJwtLifetime{600};
inline constexpr std::chrono::seconds kAccessJwtLeeway{5};  // For clocks that disagree.

struct JwtClaims {
  std::string issuer = {};
  std::string client_id = {};  // Also its subject.
  std::string jti = {};
  UnixTime issued_at{};
  UnixTime expires_at{};
  ScopeNames scopes = {};
  std::map<std::string, std::int64_t> max_priority = {};

  // From then on it is refused.
  UnixTime refused_at() const { return expires_at + kAccessJwtLeeway; }

  bool operator==(const JwtClaims&) const = default;
};

inline Result<Done> judge_times(const JwtClaims& claims, UnixTime now) {
  if (now >= claims.refused_at()) {
    return Error{TOKMAN_E_TOKEN_EXPIRED, "the client's JWT has expired; authenticate again"};
  }
  if (claims.issued_at > now + kAccessJwtLeeway) {
    return Error{TOKMAN_E_TOKEN_NOT_YET_VALID, "the client's JWT is of a later time than now"};
  }
  return Done{};
}

}  // namespace tokman
