#include "daemon/platform/crypto/openssl_random.h"

#include <openssl/rand.h>

#include <cstdint>
#include <cstdlib>

namespace tokman {

void OpenSslRandom::fill(char* bytes, std::size_t size) {
  // Without randomness there is nothing safe left to do, and no caller could do better.
  if (RAND_bytes_ex(nullptr, reinterpret_cast<unsigned char*>(bytes), size, 0) != 1) std::abort();
}

double OpenSslRandom::fraction() {
  constexpr int kBits = 53;  // What a double holds exactly.
  std::uint64_t bits = 0;
  fill(reinterpret_cast<char*>(&bits), sizeof bits);
  return static_cast<double>(bits >> (64 - kBits)) / static_cast<double>(std::uint64_t{1} << kBits);
}

}  // namespace tokman
