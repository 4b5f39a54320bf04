#include "daemon/signer/app_jwt.h"

#include "libtokman/base/encoding.h"
#include "libtokman/json/value.h"

namespace tokman {
namespace {

constexpr std::chrono::seconds kIssuedBefore{60};
constexpr std::chrono::seconds kLifetime{300};
static_assert(kLifetime <= std::chrono::minutes(10), "GitHub refuses what lives longer");

constexpr std::string_view kHeader = R"({"alg":"RS256","typ":"JWT"})";

std::string make_claims(const std::string& issuer, UnixTime now) {
  return json::Value::object()
      .set("iat", std::int64_t{(now - kIssuedBefore).time_since_epoch().count()})
      .set("exp", std::int64_t{(now + kLifetime).time_since_epoch().count()})
      .set("iss", issuer)
      .dump();
}

}  // namespace

Result<SignedAppJwt> sign_app_jwt(const std::string& issuer, const RsaKey& key, UnixTime now) {
  const std::string to_sign = base64url(kHeader) + "." + base64url(make_claims(issuer, now));
  const Result<std::string> signature = key.sign_rs256(to_sign);
  if (!signature.ok()) return signature.error();
  return SignedAppJwt{SecretBytes::concat({to_sign, ".", base64url(signature.value())}),
                      now + kLifetime};
}

}  // namespace tokman
