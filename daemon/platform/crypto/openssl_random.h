#pragma once
// Random numbers that no one can guess, from OpenSSL's generator.
#include "daemon/base/ports.h"

namespace tokman {

class OpenSslRandom : public Random {
 public:
  void fill(char* bytes, std::size_t size) override;
  double fraction() override;
};

}  // namespace tokman
