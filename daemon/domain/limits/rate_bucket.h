#pragma once
// How often something may happen: `burst` times at once, then `per_minute` times a minute.
//
// The rate is told with every question, so that a reload changes nothing but the rate.
#include <algorithm>
#include <chrono>

#include "daemon/base/ports.h"

namespace tokman {

class RateBucket {
 public:
  struct Rate {  // REQUIRES: both are at least 1.
    std::int64_t per_minute = 1;
    std::int64_t burst = 1;
  };

  // When it may happen next; `now` if at once.
  Instant next_at(Rate rate, Instant now) const {
    const auto wait = debt(now) - interval(rate) * (rate.burst - 1);
    return now + std::max(std::chrono::ceil<Instant::duration>(wait), Instant::duration(0));
  }

  // How often it may happen at once.
  std::int64_t level(Rate rate, Instant now) const {
    const auto spent = debt(now) + interval(rate) - Span(1);  // What is paid in part is not there.
    return std::max<std::int64_t>(rate.burst - spent / interval(rate), 0);
  }

  // Also counts what comes before its time.
  void take(Rate rate, Instant now) {
    paid_at_ = now.time_since_epoch() + debt(now) + interval(rate);
  }

  // When nothing of it will be spent any more; `now` if that is so.
  Instant full_at(Instant now) const {
    return now + std::chrono::ceil<Instant::duration>(debt(now));
  }

  bool is_full(Instant now) const { return debt(now) == Span(0); }

 private:
  using Span = std::chrono::nanoseconds;  // 7 a minute is no whole number of milliseconds.

  static Span interval(Rate rate) { return Span(std::chrono::minutes(1)) / rate.per_minute; }
  Span debt(Instant now) const { return std::max(paid_at_ - now.time_since_epoch(), Span(0)); }

  Span paid_at_{};  // When all that has happened will have had its interval.
};

}  // namespace tokman
