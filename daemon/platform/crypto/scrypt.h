#pragma once
// scrypt (RFC 7914): a hash that costs whoever guesses at the key behind it as much as it costs us.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr std::size_t kScryptBytes = 32;

struct ScryptCost {
  std::uint64_t n = 0;  // A power of two. Takes 128 * n * r bytes of memory.
  std::uint64_t r = 0;
  std::uint64_t p = 0;

  bool operator==(const ScryptCost&) const = default;
};

// kScryptBytes bytes. TOKMAN_E_INTERNAL if the cost is none, or more than 256 MiB.
Result<std::string> scrypt(const SecretBytes& key, std::string_view salt, const ScryptCost& cost);

}  // namespace tokman
