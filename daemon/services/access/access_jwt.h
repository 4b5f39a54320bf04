#pragma once
// Reads the JWT of a client, which anybody may have written: strictly, and without believing it.
//
// What is not exactly a JWT as tokman-signer makes them is refused with TOKMAN_E_UNAUTHENTICATED,
// and the message says why. Whether it is signed, and good now, is for others to find out.
#include <string>
#include <string_view>

#include "daemon/domain/access/jwt_claims.h"
#include "libtokman/base/result.h"

namespace tokman {

inline constexpr std::size_t kAccessJwtBytesMax = 4096;

struct ParsedJwt {
  std::string kid;
  std::string signed_text;  // What the signature is of.
  std::string signature;
  JwtClaims claims;
};

Result<ParsedJwt> parse_access_jwt(std::string_view text);

}  // namespace tokman
