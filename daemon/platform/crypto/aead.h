#pragma once
// Seals bytes so that no one without the key can read them, change them or put them elsewhere.
//
// AES-256-GCM. What is sealed opens only with the same key and the same associated data (where it
// belongs). A sealed value is nonce (12 bytes) | ciphertext | tag (16 bytes). The nonce is random:
// one key is good for 2^32 values. The key schedule is kept, because making it anew costs more
// than sealing a token. May be used by several threads: those who seal take turns, and who opens
// waits for no one.
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "daemon/platform/crypto/openssl_ptr.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr std::size_t kAeadKeyBytes = 32;
inline constexpr std::size_t kAeadNonceBytes = 12;
inline constexpr std::size_t kAeadTagBytes = 16;

class Aead {
 public:
  // REQUIRES: key.size() == kAeadKeyBytes.
  explicit Aead(const SecretBytes& key);
  Aead(const Aead&) = delete;
  Aead& operator=(const Aead&) = delete;

  Result<std::string> seal(const SecretBytes& plain, std::string_view associated_data);

  // TOKMAN_E_STORE if a single bit is not as it was sealed.
  Result<SecretBytes> open(std::string_view sealed, std::string_view associated_data);

 private:
  std::mutex sealing_turn_;
  OpenSslPtr<EVP_CIPHER_CTX> sealing_;
  std::mutex opening_turn_;
  OpenSslPtr<EVP_CIPHER_CTX> opening_;
  OpenSslPtr<EVP_CIPHER_CTX> unused_;  // Like opening_; copied by those whose turn it is not.
};

}  // namespace tokman
