#pragma once
// The JSON Web Token (RFC 7519) with which a client says who it is, signed with EdDSA (RFC 8037).
#include "daemon/domain/access/jwt_claims.h"
#include "daemon/signer/access_keys.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

Result<SecretBytes> sign_access_jwt(const JwtClaims& claims, const AccessKey& key);

}  // namespace tokman
