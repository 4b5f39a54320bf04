#include "daemon/domain/tokens/refusal_memory.h"

#include <algorithm>

namespace tokman {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

struct Wait {
  seconds first;
  seconds longest;
};

std::optional<Wait> wait_for(tokman_error cause) {
  switch (cause) {
    case TOKMAN_E_APP_NOT_INSTALLED:
    case TOKMAN_E_UPSTREAM_AUTH:
      return Wait{seconds(30), minutes(5)};
    case TOKMAN_E_INSTALLATION_SUSPENDED:
    case TOKMAN_E_PERMISSION_NOT_GRANTED:
    case TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE:
    case TOKMAN_E_TOO_MANY_REPOSITORIES:
      return Wait{minutes(5), minutes(5)};
    default:
      return std::nullopt;
  }
}

}  // namespace

void RefusalMemory::remember(const std::string& key, Refusal refusal, Instant now) {
  const auto wait = wait_for(refusal.error.code);
  if (!wait) return;
  seconds lasts = wait->first;
  refusal.since = now;
  if (const auto earlier = kept_.find(key); earlier != kept_.end()) {
    if (earlier->second.refusal.until > now) return;  // All who waited are told of one refusal.
    lasts = std::min(earlier->second.wait * 2, wait->longest);
    if (earlier->second.refusal.error.code == refusal.error.code) {
      refusal.since = earlier->second.refusal.since;
    }
  } else {
    make_room(now);
  }
  refusal.until = now + lasts;
  kept_.insert_or_assign(key, Kept{std::move(refusal), lasts});
}

void RefusalMemory::forget_owner(std::string_view app, std::string_view owner) {
  std::erase_if(kept_, [&](const auto& item) {
    const Refusal& refusal = item.second.refusal;
    return refusal.app == app &&
           std::string_view(refusal.target).substr(0, refusal.target.find('/')) == owner;
  });
}

void RefusalMemory::forget_cause(std::string_view app, tokman_error cause) {
  std::erase_if(kept_, [&](const auto& item) {
    return item.second.refusal.app == app && item.second.refusal.error.code == cause;
  });
}

std::optional<Error> RefusalMemory::find(const std::string& key, Instant now) const {
  const auto found = kept_.find(key);
  if (found == kept_.end() || found->second.refusal.until <= now) return std::nullopt;
  Error error = found->second.refusal.error;
  error.retry_after = found->second.refusal.until - now;
  return error;
}

void RefusalMemory::for_each(Instant now, const std::function<void(const Refusal&)>& visit) const {
  for (const auto& [key, kept] : kept_) {
    if (kept.refusal.until > now) visit(kept.refusal);
  }
}

// Those that are over go first; if none is, the one that ends soonest.
void RefusalMemory::make_room(Instant now) {
  if (kept_.size() < refusals_max_) return;
  std::erase_if(kept_, [now](const auto& item) { return item.second.refusal.until <= now; });
  if (kept_.size() < refusals_max_) return;
  kept_.erase(std::min_element(kept_.begin(), kept_.end(), [](const auto& left, const auto& right) {
    return left.second.refusal.until < right.second.refusal.until;
  }));
}

}  // namespace tokman
