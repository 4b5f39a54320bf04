#include "daemon/platform/crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "daemon/platform/crypto/digest.h"

namespace tokman {

Result<HmacSha256> HmacSha256::start(const SecretBytes& key) {
  const OpenSslPtr<EVP_MAC> mac(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
  OpenSslPtr<EVP_MAC_CTX> context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
      OSSL_PARAM_construct_end(),
  };
  const std::string_view bytes = key.reveal();
  if (!context || EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()),
                               bytes.size(), parameters) != 1) {
    return Error{TOKMAN_E_INTERNAL, "beginning an HMAC: " + take_openssl_error()};
  }
  return HmacSha256(std::move(context));
}

void HmacSha256::update(std::string_view bytes) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  if (EVP_MAC_update(context_.get(), data, bytes.size()) != 1) failed_ = true;
}

std::string HmacSha256::finish() {
  std::string code(kSha256Bytes, '\0');
  std::size_t size = 0;
  if (failed_ || EVP_MAC_final(context_.get(), reinterpret_cast<unsigned char*>(code.data()), &size,
                               code.size()) != 1) {
    return "";
  }
  return code;
}

}  // namespace tokman
