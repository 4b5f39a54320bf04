#pragma once
// A private key of Ed25519 (RFC 8032): it signs, and shows its public half only.
#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/platform/crypto/openssl_ptr.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr std::size_t kEd25519PublicBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

class Ed25519Key {
 public:
  // PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it.
  static Result<Ed25519Key> load(const SecretBytes& pem);

  // A new one.
  static Result<Ed25519Key> generate();

  Result<std::string> sign(std::string_view text) const;

  const std::string& public_key() const { return public_key_; }

 private:
  static Result<Ed25519Key> of(OpenSslPtr<EVP_PKEY> key);

  Ed25519Key(OpenSslPtr<EVP_PKEY> key, std::string public_key)
      : key_(std::move(key)), public_key_(std::move(public_key)) {}

  OpenSslPtr<EVP_PKEY> key_;
  std::string public_key_;
};

// Whether the owner of the public key signed the text. False also for keys and signatures that
// cannot be ones.
bool ed25519_signed(std::string_view public_key, std::string_view text, std::string_view signature);

}  // namespace tokman
