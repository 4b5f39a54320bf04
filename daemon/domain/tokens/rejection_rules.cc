#include "daemon/domain/tokens/rejection_rules.h"

#include <algorithm>

namespace tokman {

std::string_view rejection_outcome_name(RejectionOutcome outcome) {
  switch (outcome) {
    case RejectionOutcome::dropped:
      return "dropped";
    case RejectionOutcome::superseded:
      return "superseded";
    case RejectionOutcome::replication_lag:
      return "replication_lag";
    case RejectionOutcome::rate_limited:
      break;
  }
  return "rate_limited";
}

RejectionVerdict RejectionRules::judge(const PresentToken& present, std::string_view rejected,
                                       std::uint32_t caller, Instant now) {
  if (present.fingerprint != rejected) return {RejectionOutcome::superseded};
  if (present.age < kReplicationLag) {
    return {RejectionOutcome::replication_lag, kReplicationLag - present.age};
  }
  const Instant allowed = allowed_at(present, caller, now);
  if (allowed > now) return {RejectionOutcome::rate_limited, allowed - now};
  keys_.insert_or_assign(std::string(present.key), now);
  callers_[caller].push_back(now);
  return {RejectionOutcome::dropped};
}

Instant RejectionRules::allowed_at(const PresentToken& present, std::uint32_t caller, Instant now) {
  forget_before(now - kWindow);
  Instant allowed = now;
  const auto key = keys_.find(present.key);
  if (key != keys_.end()) allowed = key->second + kWindow;
  const auto drops = callers_.find(caller);
  if (drops != callers_.end() && drops->second.size() >= kDropsPerCaller) {
    allowed = std::max(allowed, drops->second.front() + kWindow);
  }
  const bool is_full = (key == keys_.end() && keys_.size() >= kKeysMax) ||
                       (drops == callers_.end() && callers_.size() >= kCallersMax);
  return is_full ? std::max(allowed, now + kWindow) : allowed;
}

void RejectionRules::forget_before(Instant instant) {
  std::erase_if(keys_, [instant](const auto& item) { return item.second <= instant; });
  for (auto& [caller, drops] : callers_) {
    while (!drops.empty() && drops.front() <= instant) drops.pop_front();
  }
  std::erase_if(callers_, [](const auto& item) { return item.second.empty(); });
}

}  // namespace tokman
