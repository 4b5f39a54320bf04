#pragma once
// How long to wait before GitHub is asked again: full jitter, 250 ms doubling to 8 s.
#include <chrono>
#include <optional>

#include "daemon/base/ports.h"

namespace tokman {

class RetryPolicy {
 public:
  // None: the error is final. `fraction` in [0, 1). GitHub's own Retry-After wins.
  std::optional<std::chrono::milliseconds> next_wait(const Error& error, double fraction);

 private:
  int failures_ = 0;
};

}  // namespace tokman
