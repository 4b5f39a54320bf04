#pragma once
// A clock that stands still until it is told to go on.
#include "daemon/base/ports.h"

namespace tokman {

class FakeClock final : public Clock {
 public:
  static constexpr UnixTime kStart{std::chrono::seconds(1'800'000'000)};

  Instant now() const override { return now_; }
  UnixTime unix_now() const override {
    return kStart + std::chrono::floor<std::chrono::seconds>(now_ - kBoot);
  }

  void go_to(Instant later) { now_ = later; }

 private:
  static constexpr Instant kBoot{std::chrono::hours(100)};

  Instant now_ = kBoot;
};

}  // namespace tokman
