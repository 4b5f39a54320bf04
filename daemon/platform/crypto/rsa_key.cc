#include "daemon/platform/crypto/rsa_key.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <climits>

#include "daemon/platform/crypto/digest.h"
#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

Error unusable(std::string what) { return Error{TOKMAN_E_CONFIGURATION, std::move(what)}; }

// "RSA PRIVATE KEY" of "-----BEGIN RSA PRIVATE KEY-----"; empty if there is no such line.
std::string_view pem_label(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  const std::size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return {};
  const std::string_view label = pem.substr(begin + kBegin.size());
  constexpr std::size_t kLabelBytesMax = 40;  // More is no label, and may be part of a secret.
  const std::size_t end = label.find("-----");
  return end <= kLabelBytesMax ? label.substr(0, end) : std::string_view{};
}

// Without this OpenSSL would ask for a password on the terminal.
int no_password(char*, int, int, void*) { return -1; }

Result<Done> check_container(std::string_view pem) {
  const std::string_view label = pem_label(pem);
  if (label.empty()) return unusable("is not a PEM file: it has no line -----BEGIN …-----");
  if (label == "ENCRYPTED PRIVATE KEY" || pem.find("Proc-Type: 4,ENCRYPTED") != pem.npos) {
    return unusable("is encrypted; decrypt it with: openssl rsa -in KEY -out DECRYPTED");
  }
  if (label == "RSA PRIVATE KEY" || label == "PRIVATE KEY") return Done{};
  return unusable("holds '" + std::string(label) + "', not an RSA private key in PEM form");
}

Result<Done> check_kind(const EVP_PKEY& key) {
  if (EVP_PKEY_is_a(&key, "RSA") != 1) {
    const char* name = EVP_PKEY_get0_type_name(&key);
    return unusable(std::string("is a key of type ") + (name != nullptr ? name : "unknown") +
                    ", not RSA");
  }
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
  const std::string_view text = pem.reveal();
  if (text.size() > INT_MAX) return unusable("is too long to be a key");
  if (Result<Done> checked = check_container(text); !checked.ok()) return checked.error();
  const OpenSslPtr<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  OpenSslPtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) return unusable("is damaged: " + take_openssl_error());
  return of(std::move(key));
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
