#include "daemon/platform/crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <new>

#include "daemon/platform/crypto/openssl_ptr.h"
#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

OSSL_PARAM octets(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

}  // namespace

std::string sha256(std::string_view bytes) {
  std::string digest(kSha256Bytes, '\0');
  if (SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
             reinterpret_cast<unsigned char*>(digest.data())) == nullptr) {
    throw std::bad_alloc();  // The one failure left; it ends the process.
  }
  return digest;
}

std::string token_fingerprint(std::string_view token) { return base64(sha256(token)); }

Result<SecretBytes> hkdf_sha256(std::string_view material, std::string_view info,
                                std::size_t size) {
  const OpenSslPtr<EVP_KDF> kdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
  const OpenSslPtr<EVP_KDF_CTX> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr);
  char digest_name[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest_name, 0),
      octets(OSSL_KDF_PARAM_KEY, material),
      octets(OSSL_KDF_PARAM_INFO, info),
      OSSL_PARAM_construct_end(),
  };
  SecretBytes key = SecretBytes::with_size(size);
  if (!context || EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(key.writable()),
                                 size, parameters) <= 0) {
    return Error{TOKMAN_E_INTERNAL, "deriving a key: " + take_openssl_error()};
  }
  return key;
}

}  // namespace tokman
