#include "daemon/signer/access_jwt.h"

#include "libtokman/base/encoding.h"
#include "libtokman/json/value.h"

namespace tokman {
namespace {

std::string join(const ScopeNames& scopes) {
  std::string joined;
  for (const std::string& scope : scopes) joined.append(joined.empty() ? "" : " ").append(scope);
  return joined;
}

std::string make_header(const AccessKey& key) {
  return json::Value::object().set("alg", "EdDSA").set("typ", "JWT").set("kid", key.kid).dump();
}

std::string make_claims(const JwtClaims& claims) {
  return json::Value::object()
      .set("iss", claims.issuer)
      .set("sub", claims.client_id)
      .set("client_id", claims.client_id)
      .set("iat", std::int64_t{claims.issued_at.time_since_epoch().count()})
      .set("exp", std::int64_t{claims.expires_at.time_since_epoch().count()})
      .set("jti", claims.jti)
      .set("scope", join(claims.scopes))
      .set("max_priority", claims.max_priority)
      .dump();
}

}  // namespace

Result<SecretBytes> sign_access_jwt(const JwtClaims& claims, const AccessKey& key) {
  const std::string to_sign = base64url(make_header(key)) + "." + base64url(make_claims(claims));
  const Result<std::string> signature = key.key.sign(to_sign);
  if (!signature.ok()) return signature.error();
  return SecretBytes::concat({to_sign, ".", base64url(signature.value())});
}

}  // namespace tokman
