// A key file is loaded or refused; what is loaded has a fingerprint.
#include "daemon/platform/crypto/rsa_key.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto key = tokman::RsaKey::load(tokman::SecretBytes(tokman::as_text(data, size)));
  tokman::must_hold(key.ok() ? key.value().fingerprint().starts_with("SHA256:")
                             : !key.error().message.empty());
  return 0;
}
