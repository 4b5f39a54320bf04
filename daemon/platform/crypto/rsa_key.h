#pragma once
// An app's private key: it signs, and shows nothing of itself but its fingerprint.
#include <string>
#include <string_view>

#include "daemon/platform/crypto/openssl_ptr.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class RsaKey {
 public:
  static constexpr int kBitsMin = 2048;

  // PEM, as GitHub gives it (PKCS#1) or as others write it (PKCS#8), with any line ends. The error
  // for anything else says what it is instead, and never repeats a byte of it.
  static Result<RsaKey> load(const SecretBytes& pem);

  // A key from elsewhere, if it is one that GitHub takes.
  static Result<RsaKey> of(OpenSslPtr<EVP_PKEY> key);

  // RSASSA-PKCS1-v1_5 with SHA-256, the "RS256" of JSON Web Tokens.
  Result<std::string> sign_rs256(std::string_view text) const;

  // "SHA256:…" as GitHub's settings page shows it.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  RsaKey(OpenSslPtr<EVP_PKEY> key, std::string fingerprint)
      : key_(std::move(key)), fingerprint_(std::move(fingerprint)) {}

  OpenSslPtr<EVP_PKEY> key_;
  std::string fingerprint_;
};

}  // namespace tokman
