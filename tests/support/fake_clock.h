#pragma once
// A clock that stands still until it is told to go on.
#include "daemon/base/ports.h"

namespace tokman {

class FakeClock final : public Clock {
 public:
  static constexpr UnixTime kStart{std::chrono::seconds(1'800'000'000)};

  Instant now() const override { return now_; }
  UnixTime unix_now() const override { return true_now() + wall_offset_; }

  // What everyone else's clock says.
  UnixTime true_now() const {
    return kStart + std::chrono::floor<std::chrono::seconds>(now_ - kBoot);
  }

  // Timers that fall due on the way are late then, as after a suspend.
  void go_to(Instant later) { now_ = later; }

  // The wall clock is set, by an operator or by NTP; time itself goes on as before.
  void set_wall(std::chrono::seconds ahead_of_truth) { wall_offset_ = ahead_of_truth; }

 private:
  static constexpr Instant kBoot{std::chrono::hours(100)};

  Instant now_ = kBoot;
  std::chrono::seconds wall_offset_{};
};

}  // namespace tokman
