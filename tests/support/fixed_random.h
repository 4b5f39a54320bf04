#pragma once
// Chance, decided by the test.
#include <cstring>

#include "daemon/base/ports.h"

namespace tokman {

class FixedRandom final : public Random {
 public:
  void fill(char* bytes, std::size_t size) override { std::memset(bytes, 0x5a, size); }
  double fraction() override { return next_fraction; }

  double next_fraction = 0.5;
};

}  // namespace tokman
