#pragma once
// Counts the changes that end or narrow credentials, so that what was judged with one may be
// remembered until the next such change.
#include <cstdint>

namespace tokman {

class CredentialEpoch {
 public:
  // Called on the loop, when such a change is on disk and before it is acknowledged.
  void advance() { ++value_; }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

}  // namespace tokman
