#pragma once
// How many tokens one app may mint: a bucket that is meant to be used, and two walls behind it.
//
// The bucket gives a burst and then a steady rate. Whatever it says, no minute and no hour,
// wherever they begin, ever has more mints than the walls allow. Holds no timer: it is asked.
#include <deque>

#include "daemon/domain/limits/rate_bucket.h"

namespace tokman {

struct MintLimits {
  std::int64_t per_minute = 30;
  std::int64_t burst = 60;
  std::int64_t per_minute_max = 150;
  std::int64_t per_hour_max = 1900;

  bool operator==(const MintLimits&) const = default;
};

class MintBudget {
 public:
  explicit MintBudget(const MintLimits& limits) : limits_(limits) {}

  // After a reload; what was minted before still counts.
  void set_limits(const MintLimits& limits) { limits_ = limits; }
  const MintLimits& limits() const { return limits_; }

  // When the next mint may begin; `now` if at once.
  Instant next_at(Instant now) const;

  // One begins.
  void take(Instant now);

  // How many may begin at once.
  std::int64_t level(Instant now) const;

 private:
  RateBucket::Rate rate() const { return {limits_.per_minute, limits_.burst}; }
  Instant end_of_wall(std::int64_t mints_max, Instant::duration window) const;
  std::int64_t mints_since(Instant instant) const;

  MintLimits limits_;
  RateBucket bucket_;
  std::deque<Instant> mints_;  // Of the last hour, the oldest first.
};

}  // namespace tokman
