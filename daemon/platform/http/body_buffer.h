#pragma once
// Gathers a body of unknown size, up to a limit. It may hold a token: what is left behind in
// growing is wiped.
#include <string_view>

#include "libtokman/base/secret_bytes.h"

namespace tokman {

class BodyBuffer {
 public:
  explicit BodyBuffer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // False, and nothing is added, if it would become larger than the limit.
  [[nodiscard]] bool append(std::string_view bytes);
  // What was gathered; empty afterwards.
  SecretBytes take();

 private:
  const std::size_t bytes_max_;
  SecretBytes bytes_;
  std::size_t used_ = 0;
};

}  // namespace tokman
