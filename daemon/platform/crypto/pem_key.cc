#include "daemon/platform/crypto/pem_key.h"

#include <openssl/pem.h>

#include <climits>

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

Result<Done> check_container(std::string_view pem, const PemKind& kind) {
  const std::string_view label = pem_label(pem);
  if (label.empty()) return unusable("is not a PEM file: it has no line -----BEGIN …-----");
  if (label == "ENCRYPTED PRIVATE KEY" || pem.find("Proc-Type: 4,ENCRYPTED") != pem.npos) {
    return unusable("is encrypted; decrypt it with: openssl pkey -in KEY -out DECRYPTED");
  }
  if (label == kind.label || label == "PRIVATE KEY") return Done{};
  return unusable("holds '" + std::string(label) + "', not an " + std::string(kind.type) +
                  " private key in PEM form");
}

}  // namespace

Result<OpenSslPtr<EVP_PKEY>> read_pem_key(const SecretBytes& pem, const PemKind& kind) {
  const std::string_view text = pem.reveal();
  if (text.size() > INT_MAX) return unusable("is too long to be a key");
  if (Result<Done> checked = check_container(text, kind); !checked.ok()) return checked.error();
  const OpenSslPtr<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  OpenSslPtr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (!key) return unusable("is damaged: " + take_openssl_error());
  if (Result<Done> checked = check_key_type(*key, kind); !checked.ok()) return checked.error();
  return key;
}

Result<Done> check_key_type(const EVP_PKEY& key, const PemKind& kind) {
  if (EVP_PKEY_is_a(&key, std::string(kind.type).c_str()) == 1) return Done{};
  const char* name = EVP_PKEY_get0_type_name(&key);
  return unusable(std::string("is a key of type ") + (name != nullptr ? name : "unknown") +
                  ", not " + std::string(kind.type));
}

}  // namespace tokman
