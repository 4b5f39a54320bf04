#pragma once
// A private key in PEM form, read without a word about what is in it.
#include <string_view>

#include "daemon/platform/crypto/openssl_ptr.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

struct PemKind {
  std::string_view type;   // OpenSSL's name of it: "RSA".
  std::string_view label;  // The line of its own form: "RSA PRIVATE KEY"; "" if it has none.
};

// PKCS#8, or the form of its own, with any line ends. The error for anything else says what it is
// instead, and never repeats a byte of it.
Result<OpenSslPtr<EVP_PKEY>> read_pem_key(const SecretBytes& pem, const PemKind& kind);

// That it is of that type; the error says which one it is.
Result<Done> check_key_type(const EVP_PKEY& key, const PemKind& kind);

}  // namespace tokman
