#include "daemon/platform/crypto/scrypt.h"

#include "daemon/platform/crypto/openssl_ptr.h"

namespace tokman {
namespace {

constexpr std::uint64_t kMemoryBytesMax = 256 * 1024 * 1024;

}  // namespace

Result<std::string> scrypt(const SecretBytes& key, std::string_view salt, const ScryptCost& cost) {
  const std::string_view text = key.reveal();
  std::string hash(kScryptBytes, '\0');
  if (EVP_PBE_scrypt(text.data(), text.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                     salt.size(), cost.n, cost.r, cost.p, kMemoryBytesMax,
                     reinterpret_cast<unsigned char*>(hash.data()), hash.size()) != 1) {
    return Error{TOKMAN_E_INTERNAL, "hashing a key: " + take_openssl_error()};
  }
  return hash;
}

}  // namespace tokman
