// What AWS or Vault answers is a secret or an error; no error has a piece of the answer in it.
#include "daemon/services/secrets/aws_secret.h"
#include "daemon/services/secrets/vault_secret.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const tokman::SecretBytes body(tokman::as_text(data, size));
  for (const char* member : {"", "key"}) {
    const auto secret = tokman::parse_aws_answer(body, member);
    tokman::must_hold(secret.ok() || secret.error().message.size() < 64);
  }
  const auto field = tokman::parse_vault_answer(body, "key");
  tokman::must_hold(field.ok() || field.error().message.size() < 64);
  return 0;
}
