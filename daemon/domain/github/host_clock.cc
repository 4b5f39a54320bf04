#include "daemon/domain/github/host_clock.h"

#include <algorithm>

namespace tokman {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kHalfSecond{500};  // What a Date leaves out, on average.
constexpr int kSmoothing = 8;  // One Date moves the clock by an eighth of what it differs.

}  // namespace

UnixTime HostClock::now() const {
  if (!ahead_) return clock_.unix_now() + offset_at_start_;
  return UnixTime(std::chrono::floor<seconds>(clock_.now().time_since_epoch() + *ahead_));
}

seconds HostClock::offset() const { return bounded(now() - clock_.unix_now()); }

LearnedClock HostClock::learned() const {
  LearnedClock learned{.offset = offset(), .ahead_of_boot = std::nullopt};
  if (ahead_) {
    learned.ahead_of_boot = std::chrono::duration_cast<std::chrono::milliseconds>(*ahead_);
  }
  return learned;
}

Instant HostClock::when(UnixTime time) const {
  return clock_.now() + std::max(time - now(), seconds(0));
}

void HostClock::observe(UnixTime date, Confirmed confirmed) {
  const UnixTime believed = clock_.unix_now() + bounded(date - clock_.unix_now());
  const auto ahead_with = [this](UnixTime time) -> Duration {
    return time.time_since_epoch() + kHalfSecond - clock_.now().time_since_epoch();
  };
  const Duration sample = ahead_with(date);
  if (ahead_ && std::chrono::abs(sample - *ahead_) <= kNoiseMax) {
    *ahead_ += (sample - *ahead_) / kSmoothing;
    doubtful_.reset();
    return;
  }
  const Duration jump = ahead_with(believed);
  if (!ahead_ || is_credible(jump, confirmed)) {
    ahead_ = jump;
    doubtful_.reset();
  } else {
    doubtful_ = jump;
  }
}

seconds HostClock::bounded(seconds offset) { return std::clamp(offset, -kOffsetMax, kOffsetMax); }

bool HostClock::is_credible(Duration ahead, Confirmed confirmed) const {
  if (confirmed == Confirmed::yes) return true;
  if (doubtful_ && std::chrono::abs(ahead - *doubtful_) <= kNoiseMax) return true;
  const Duration wall = clock_.unix_now().time_since_epoch() - clock_.now().time_since_epoch();
  return std::chrono::abs(ahead - wall) <= kNoiseMax;
}

}  // namespace tokman
