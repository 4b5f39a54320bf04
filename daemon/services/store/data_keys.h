#pragma once
// The keys that seal the store's values: the newest seals, and all of them open.
//
// Each has a number, and a sealed value bears that of its key: number (4 bytes, big-endian) | what
// Aead makes. A key that is added seals from then on. May be used by several threads.
#include <cstdint>
#include <map>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "daemon/platform/crypto/aead.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class DataKeys {
 public:
  using Number = std::uint32_t;

  static SecretBytes make_key();  // A random one.

  // REQUIRES: number is greater than all so far, and key.size() == kAeadKeyBytes.
  void add(Number number, const SecretBytes& key);
  void forget_older_than_newest();
  void clear();

  Number newest() const;  // 0: there is none.
  bool has_older() const;

  // REQUIRES: there is a key.
  Result<std::string> seal(const SecretBytes& plain, std::string_view place);

  // TOKMAN_E_STORE if it was changed or moved, or its key is not here.
  Result<SecretBytes> open(std::string_view sealed, std::string_view place);

  // Whether the newest key sealed it, by what it says.
  bool is_newest_of(std::string_view sealed) const;

 private:
  mutable std::shared_mutex changing_;  // Shared by those who seal and open.
  std::map<Number, Aead> keys_;
};

}  // namespace tokman
