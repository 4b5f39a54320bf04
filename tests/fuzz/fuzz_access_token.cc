// Whoever calls may show any text as its token: what is read as one is written the same again.
#include "daemon/domain/access/access_token.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = tokman::as_text(data, size);
  const auto token = tokman::parse_access_token(text);
  if (!token) return 0;
  tokman::must_hold(token->text().reveal() == text);
  tokman::must_hold(tokman::is_access_token_key(token->key));
  return 0;
}
