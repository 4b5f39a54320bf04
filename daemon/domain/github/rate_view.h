#pragma once
// What is known of one installation's rate limits: one window for each of GitHub's resources.
//
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
// For people and callers to look at; nothing in tokman waits because of it, so what a caller feeds
// can mislead but never stop anybody. What GitHub itself said replaces everything; of what callers
// saw, the later window counts, and within one window the answer that had used up more.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/base/ports.h"

namespace tokman {

enum class RateSource : std::uint8_t { github, observed };

struct RateWindow {
  std::string resource = "core";  // x-ratelimit-resource
  std::int64_t limit = 0;
  std::int64_t remaining = 0;
  std::int64_t used = 0;
  UnixTime resets_at;
  UnixTime seen_at;
  RateSource source = RateSource::observed;
};

// Refuses by field name what no answer of GitHub could have said at `now`.
Result<Done> check_rate_window(const RateWindow& window, UnixTime now);

class RateView {
 public:
  // REQUIRES: check_rate_window() has passed it. A resource too many is left out.
  void note(const RateWindow& window);

  // Those that are not over at `now`, by name.
  std::vector<RateWindow> windows(UnixTime now) const;

 private:
  std::map<std::string, RateWindow> windows_;
};

}  // namespace tokman
