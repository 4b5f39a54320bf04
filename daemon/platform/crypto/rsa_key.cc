#include "daemon/platform/crypto/rsa_key.h"

#include <openssl/x509.h>

#include "daemon/platform/crypto/digest.h"
#include "daemon/platform/crypto/pem_key.h"
#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

Error unusable(std::string what) { return Error{TOKMAN_E_CONFIGURATION, std::move(what)}; }

constexpr PemKind kRsa{.type = "RSA", .label = "RSA PRIVATE KEY"};

Result<Done> check_kind(const EVP_PKEY& key) {
  if (Result<Done> checked = check_key_type(key, kRsa); !checked.ok()) return checked;
  const int bits = EVP_PKEY_get_bits(&key);
  if (bits >= RsaKey::kBitsMin) return Done{};
  return unusable("is an RSA key of " + std::to_string(bits) + " bits; at least " +
                  std::to_string(RsaKey::kBitsMin) + " are needed");
}

// "" if OpenSSL cannot write the public key, which then is none.
std::string public_key_der(const EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(&key, &der);
  std::string bytes(reinterpret_cast<char*>(der), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(der);
  return bytes;
}

}  // namespace

Result<RsaKey> RsaKey::load(const SecretBytes& pem) {
  Result<OpenSslPtr<EVP_PKEY>> key = read_pem_key(pem, kRsa);
  if (!key.ok()) return key.error();
  return of(std::move(key).value());
}

Result<RsaKey> RsaKey::of(OpenSslPtr<EVP_PKEY> key) {
  if (Result<Done> checked = check_kind(*key); !checked.ok()) return checked.error();
  const std::string der = public_key_der(*key);
  if (der.empty()) return unusable("is damaged: " + take_openssl_error());
  return RsaKey(std::move(key), "SHA256:" + base64(sha256(der)));
}

Result<std::string> RsaKey::sign_rs256(std::string_view text) const {
  const OpenSslPtr<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  std::string signature(size, '\0');
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key_.get(),
                            nullptr) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1) {
    return Error{TOKMAN_E_SECRET_UNAVAILABLE, "signing: " + take_openssl_error()};
  }
  signature.resize(size);
  return signature;
}

}  // namespace tokman
