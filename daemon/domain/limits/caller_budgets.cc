#include "daemon/domain/limits/caller_budgets.h"

namespace tokman {

std::optional<Instant::duration> CallerBudgets::wait(const RateBucket& bucket,
                                                     std::int64_t per_minute, Instant now) {
  if (per_minute == kNoBound) return std::nullopt;
  const Instant next = bucket.next_at({.per_minute = per_minute, .burst = per_minute}, now);
  return next > now ? std::optional(next - now) : std::nullopt;
}

void CallerBudgets::take(RateBucket& bucket, std::int64_t per_minute, Instant now) {
  if (per_minute == kNoBound) return;
  bucket.take({.per_minute = per_minute, .burst = per_minute}, now);
}

Allowance CallerBudgets::Account::allowance(std::int64_t per_minute, Instant now) const {
  const RateBucket& bucket = spent_.requests;
  return {per_minute, bucket.level({.per_minute = per_minute, .burst = per_minute}, now),
          std::chrono::ceil<std::chrono::milliseconds>(bucket.full_at(now) - now)};
}

CallerBudgets::Spent& CallerBudgets::find(const std::string& principal, Instant now) {
  const auto found = spent_.find(principal);
  if (found != spent_.end()) return found->second;
  if (spent_.size() >= principals_max_) {
    std::erase_if(spent_, [now](const auto& item) {
      const Spent& spent = item.second;
      return spent.holders == 0 && spent.requests.is_full(now) && spent.mints.is_full(now);
    });
  }
  return spent_.size() < principals_max_ ? spent_[principal] : strangers_;
}

}  // namespace tokman
