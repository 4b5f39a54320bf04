#include "daemon/domain/limits/circuit_breaker.h"

#include <algorithm>

namespace tokman {
namespace {

constexpr int kFailuresMax = 5;
constexpr std::chrono::milliseconds kPauseFirst{1000};
constexpr std::chrono::milliseconds kPauseLongest{15'000};
constexpr std::chrono::seconds kProbeTime{20};  // An exchange takes 15 s at most.

Instant::duration pause(int pauses_before, double fraction) {
  const auto longest = std::min(kPauseLongest, kPauseFirst * (1 << std::min(pauses_before, 4)));
  const auto less = fraction * 0.5 * static_cast<double>(longest.count());
  return longest - Instant::duration(static_cast<Instant::rep>(less));
}

}  // namespace

CircuitBreaker::State CircuitBreaker::state(Instant now) const {
  if (pauses_ == 0) return State::closed;
  return is_probing_ || now >= next_at_ ? State::half_open : State::open;
}

Instant CircuitBreaker::next_at(Instant now) const {
  return pauses_ == 0 ? now : std::max(now, next_at_);
}

void CircuitBreaker::reserve_probe(Instant now) {
  if (pauses_ == 0) return;
  is_probing_ = has_reserved_ = true;
  next_at_ = now + kProbeTime;
}

bool CircuitBreaker::admit(Instant now) {
  if (pauses_ == 0) return true;
  if (!has_reserved_ && now < next_at_) return false;
  reserve_probe(now);
  has_reserved_ = false;
  return true;
}

bool CircuitBreaker::on_failure(Instant now, double fraction) {
  ++failures_;
  const bool was_open = pauses_ > 0;
  // Requests that were under way when it opened say nothing new.
  if (was_open ? !is_probing_ : failures_ < kFailuresMax) return false;
  next_at_ = now + pause(pauses_++, fraction);
  is_probing_ = has_reserved_ = false;
  return !was_open;
}

bool CircuitBreaker::on_success() {
  const bool was_open = pauses_ > 0;
  *this = CircuitBreaker();
  return was_open;
}

}  // namespace tokman
