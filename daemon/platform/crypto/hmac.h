#pragma once
// HMAC-SHA-256 (RFC 2104) of bytes that come piece by piece.
#include <string>
#include <string_view>

#include "daemon/platform/crypto/openssl_ptr.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class HmacSha256 {
 public:
  static Result<HmacSha256> start(const SecretBytes& key);

  void update(std::string_view bytes);
  // The 32 bytes; once. Empty if OpenSSL failed, here or in update().
  std::string finish();

 private:
  explicit HmacSha256(OpenSslPtr<EVP_MAC_CTX> context) : context_(std::move(context)) {}

  OpenSslPtr<EVP_MAC_CTX> context_;
  bool failed_ = false;
};

}  // namespace tokman
