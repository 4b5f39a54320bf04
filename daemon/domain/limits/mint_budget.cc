#include "daemon/domain/limits/mint_budget.h"

namespace tokman {
namespace {
constexpr std::chrono::minutes kMinute{1};
constexpr std::chrono::hours kHour{1};
}  // namespace

Instant MintBudget::next_at(Instant now) const {
  return std::max({bucket_.next_at(rate(), now), end_of_wall(limits_.per_minute_max, kMinute),
                   end_of_wall(limits_.per_hour_max, kHour)});
}

void MintBudget::take(Instant now) {
  while (!mints_.empty() && mints_.front() <= now - kHour) mints_.pop_front();
  mints_.push_back(now);
  bucket_.take(rate(), now);
}

std::int64_t MintBudget::level(Instant now) const {
  const std::int64_t left =
      std::min({bucket_.level(rate(), now), limits_.per_minute_max - mints_since(now - kMinute),
                limits_.per_hour_max - mints_since(now - kHour)});
  return std::max<std::int64_t>(left, 0);
}

// The window that has all it may have is over when the first of its mints has left it.
Instant MintBudget::end_of_wall(std::int64_t mints_max, Instant::duration window) const {
  const auto max = static_cast<std::size_t>(mints_max);
  return mints_.size() < max ? Instant() : mints_[mints_.size() - max] + window;
}

std::int64_t MintBudget::mints_since(Instant instant) const {
  return mints_.end() - std::upper_bound(mints_.begin(), mints_.end(), instant);
}

}  // namespace tokman
