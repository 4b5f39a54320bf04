#pragma once
// SHA-256, and what is made of it: fingerprints of tokens, and keys from other keys.
#include <cstddef>
#include <string>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr std::size_t kSha256Bytes = 32;

std::string sha256(std::string_view bytes);

// Standard base64 of SHA-256: the form GitHub's audit log names tokens in. Safe to print.
std::string token_fingerprint(std::string_view token);

// `size` bytes that depend on every byte of `material`; different for each `info` (RFC 5869,
// without salt). REQUIRES: size <= 255 * kSha256Bytes.
Result<SecretBytes> hkdf_sha256(std::string_view material, std::string_view info, std::size_t size);

}  // namespace tokman
