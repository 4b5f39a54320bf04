#pragma once
// The moment by which a call must be over, on the clock that no one can set.
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace tokman {

class Deadline {
 public:
  // 0 means never, as in tokman_client_set_timeout_ms().
  static Deadline in_ms(std::uint32_t timeout_ms) {
    return Deadline(timeout_ms == 0 ? kNever : now_ns() + timeout_ms * kNsPerMs);
  }

  Deadline or_sooner(Deadline other) const { return Deadline(std::min(at_ns_, other.at_ns_)); }

  // As poll(2) wants it: -1 for never, rounded up, 0 once it has passed.
  int remaining_ms() const {
    if (at_ns_ == kNever) return -1;
    const std::int64_t left_ms = (at_ns_ - now_ns() + kNsPerMs - 1) / kNsPerMs;
    return static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, std::numeric_limits<int>::max()));
  }

  static std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  }

 private:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t kNsPerMs = 1'000'000;

  explicit Deadline(std::int64_t at_ns) : at_ns_(at_ns) {}

  std::int64_t at_ns_;
};

}  // namespace tokman
