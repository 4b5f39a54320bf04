// Anybody may write a JWT: what is read of it can be written again, and is bounded.
#include "daemon/domain/access/client.h"
#include "daemon/services/access/access_jwt.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = tokman::as_text(data, size);
  const auto parsed = tokman::parse_access_jwt(text);
  if (!parsed.ok()) {
    tokman::must_hold(parsed.error().code == TOKMAN_E_UNAUTHENTICATED);
    return 0;
  }
  const tokman::ParsedJwt& jwt = parsed.value();
  tokman::must_hold(size <= tokman::kAccessJwtBytesMax);
  tokman::must_hold(text.starts_with(jwt.signed_text) && text[jwt.signed_text.size()] == '.');
  tokman::must_hold(tokman::fits_client_id(jwt.claims.client_id));
  tokman::must_hold(jwt.claims.refused_at() > jwt.claims.expires_at);
  tokman::must_hold(!jwt.claims.scopes.contains(""));
  return 0;
}
