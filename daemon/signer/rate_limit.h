#pragma once
// How often something may happen: `burst` times at once, then once per interval.
#include <algorithm>
#include <chrono>
#include <optional>

#include "daemon/base/ports.h"

namespace tokman {

class RateLimit {
 public:
  struct Rate {
    std::chrono::milliseconds interval;
    int burst;
  };

  explicit RateLimit(Rate rate) : rate_(rate) {}

  // None if it may happen now, and then it is counted; else how long it must wait.
  std::optional<std::chrono::milliseconds> take(Instant now) {
    const Instant paid_until = std::max(paid_until_, now);
    const auto wait = paid_until - now - rate_.interval * (rate_.burst - 1);
    if (wait > std::chrono::milliseconds(0)) return wait;
    paid_until_ = paid_until + rate_.interval;
    return std::nullopt;
  }

 private:
  Rate rate_;
  Instant paid_until_;  // When all that has happened will have had its interval.
};

}  // namespace tokman
