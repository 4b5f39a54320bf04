#include "daemon/domain/limits/caller_budgets.h"

namespace tokman {

std::optional<Instant::duration> CallerBudgets::take(RateBucket& bucket, std::int64_t per_minute,
                                                     Instant now) {
  if (per_minute == 0) return std::nullopt;
  const RateBucket::Rate rate{.per_minute = per_minute, .burst = per_minute};
  if (const Instant next = bucket.next_at(rate, now); next > now) return next - now;
  bucket.take(rate, now);
  return std::nullopt;
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
