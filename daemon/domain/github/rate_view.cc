#include "daemon/domain/github/rate_view.h"

#include <algorithm>

namespace tokman {
namespace {

constexpr std::size_t kResourcesMax = 64;
constexpr std::size_t kResourceBytesMax = 64;
constexpr std::int64_t kLimitMax = 1'000'000;
constexpr std::chrono::hours kWindowMax{1};
constexpr std::chrono::minutes kSlack{5};  // Between two clocks.
constexpr std::chrono::seconds kSameWindow{5};

bool is_resource(const std::string& name) {
  const auto fits = [](char letter) { return (letter >= 'a' && letter <= 'z') || letter == '_'; };
  return !name.empty() && name.size() <= kResourceBytesMax &&
         std::all_of(name.begin(), name.end(), fits);
}

Error refused(std::string_view field, std::string_view must) {
  const std::string name(field);
  return Error{TOKMAN_E_INVALID_ARGUMENT, "'" + name + "' must be " + std::string(must), name};
}

bool is_newer(const RateWindow& seen, const RateWindow& known) {
  if (seen.source == RateSource::github) return true;
  const auto later = seen.resets_at - known.resets_at;
  if (later > kSameWindow) return true;
  return later >= -kSameWindow && seen.used >= known.used;
}

}  // namespace

Result<Done> check_rate_window(const RateWindow& window, UnixTime now) {
  if (!is_resource(window.resource)) return refused("resource", "a name such as \"core\"");
  if (window.limit < 0 || window.limit > kLimitMax) return refused("limit", "0 to 1000000");
  if (window.remaining < 0 || window.remaining > window.limit) {
    return refused("remaining", "0 to 'limit'");
  }
  // GitHub counts on after the limit is reached.
  if (window.used < 0 || window.used > kLimitMax) return refused("used", "0 to 1000000");
  if (window.resets_at < now - kSlack || window.resets_at > now + kWindowMax + kSlack) {
    return refused("reset", "in Unix seconds, and within the hour to come");
  }
  return Done{};
}

void RateView::note(const RateWindow& window) {
  const auto known = windows_.find(window.resource);
  if (known != windows_.end()) {
    if (is_newer(window, known->second)) known->second = window;
  } else if (windows_.size() < kResourcesMax) {
    windows_.emplace(window.resource, window);
  }
}

std::vector<RateWindow> RateView::windows(UnixTime now) const {
  std::vector<RateWindow> current;
  for (const auto& [resource, window] : windows_) {
    if (window.resets_at > now) current.push_back(window);
  }
  return current;
}

}  // namespace tokman
