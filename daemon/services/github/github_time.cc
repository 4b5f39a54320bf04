#include "daemon/services/github/github_time.h"

#include <algorithm>
#include <utility>

#include "daemon/domain/github/http_date.h"

namespace tokman {
namespace {

using std::chrono::seconds;

constexpr seconds kWarnAbove{30};
constexpr seconds kContentBelow{20};  // Apart from the other, so that noise does not fill the log.
constexpr seconds kStoreFrom{2};      // A smaller change is noise.

bool is_noise(const LearnedClock& now, const LearnedClock& before) {
  if (std::chrono::abs(now.offset - before.offset) >= kStoreFrom) return false;
  if (!now.ahead_of_boot) return true;
  return before.ahead_of_boot &&
         std::chrono::abs(*now.ahead_of_boot - *before.ahead_of_boot) < kStoreFrom;
}

std::optional<UnixTime> date_of(const HttpResponse& answer) {
  const auto header = answer.headers.find("date");
  return header == answer.headers.end() ? std::nullopt : parse_http_date(header->second);
}

}  // namespace

UnixTime GithubTime::earliest() const {
  UnixTime time = clock_.unix_now() - HostClock::kOffsetMax;
  for (const auto& [api_base, host] : known_) time = std::min(time, host.clock.now());
  return time;
}

void GithubTime::observe(const std::string& api_base, const HttpResponse& answer) {
  const auto date = date_of(answer);
  if (!date) return;
  Known& host = known(api_base);
  const UnixTime before = host.clock.now();
  // 401: GitHub did not accept a JWT or a token, and the time may be why.
  host.clock.observe(*date,
                     answer.status == 401 ? HostClock::Confirmed::yes : HostClock::Confirmed::no);
  const seconds moved = std::chrono::abs(host.clock.now() - before);
  warn(api_base, host);
  keep(api_base, host);
  if (moved > HostClock::kNoiseMax && on_step_) on_step_(api_base);
}

GithubTime::Known& GithubTime::known(const std::string& api_base) {
  const auto found = known_.find(api_base);
  if (found != known_.end()) return found->second;
  const LearnedClock stored = store_.find(api_base).value_or(LearnedClock{});
  return known_.emplace(api_base, Known{HostClock(clock_, stored), stored}).first->second;
}

void GithubTime::keep(const std::string& api_base, Known& known) {
  const LearnedClock learned = known.clock.learned();
  if (is_noise(learned, known.stored)) return;
  known.stored = learned;
  store_.put(api_base, learned);
}

void GithubTime::warn(const std::string& api_base, Known& known) {
  const seconds offset = known.clock.offset();
  const seconds size = std::chrono::abs(offset);
  if (size > kWarnAbove && !std::exchange(known.is_warned, true)) {
    log_.warning("this machine's clock is wrong, by GitHub's: JWTs and expiry go by GitHub's",
                 {{"api_base", api_base}, {"offset_s", std::int64_t{offset.count()}}});
  } else if (size < kContentBelow && std::exchange(known.is_warned, false)) {
    log_.info("this machine's clock agrees with GitHub's again",
              {{"api_base", api_base}, {"offset_s", std::int64_t{offset.count()}}});
  }
}

}  // namespace tokman
