#include "tests/simulation/invariants.h"

#include <iterator>

namespace tokman {
namespace {

using std::chrono::seconds;

constexpr seconds kClockFault{2};  // Dates are whole seconds.
constexpr seconds kLeastLeft = kDeadZone - kClockFault;
constexpr std::ptrdiff_t kMintsPerMinuteMax = 90;  // The rate, and the burst once.
constexpr std::ptrdiff_t kMintsPerHourMax = 1860;

}  // namespace

void Invariants::on_request(const HttpCall& call, Instant now) {
  if (!call.url.ends_with("/access_tokens")) return;
  must_hold(fetching_.insert(name_of(call)).second, "one token is fetched twice at a time");
  mints_.insert(now);
  const auto since = [&](Instant::duration window) {
    return std::distance(mints_.upper_bound(now - window), mints_.end());
  };
  must_hold(since(std::chrono::minutes(1)) <= kMintsPerMinuteMax, "too many mints in a minute");
  must_hold(since(std::chrono::hours(1)) <= kMintsPerHourMax, "too many mints in an hour");
}

void Invariants::on_crash() {
  fetching_.clear();
  mints_.clear();  // The budget is not kept: a restart begins with a full one.
  revoking_.clear();
}

void Invariants::check_served(const Served& served, const TokenOrder& order, UnixTime github_now) {
  const std::string& fingerprint = served.entry->token->fingerprint;
  must_hold(!revoking_.contains(fingerprint), "a token is served that is being revoked");
  must_hold(!revoked_.contains(fingerprint), "a token is served that was revoked");
  must_hold(!exclusive_.contains(fingerprint), "an exclusive token is given to another");
  if (!order.holder.empty()) exclusive_.insert(fingerprint);
  const auto ends_at = ends_.find(fingerprint);
  must_hold(ends_at != ends_.end(), "a token is served that GitHub never made");
  if (ends_at == ends_.end()) return;
  const seconds left = ends_at->second - github_now;
  must_hold(left >= kLeastLeft, "a dead token is served");
  if (!order.life.is_asked || served.source == TokenSource::stale) return;
  must_hold(left >= order.life.min_lifetime - kClockFault, "a token lives shorter than was asked");
}

void Invariants::check_answered_once(int answers) {
  must_hold(answers <= 1, "a caller is answered more than once");
}

void Invariants::check_deadline(Instant deadline, Instant now) {
  must_hold(now <= deadline, "a caller is forgotten");
}

void Invariants::check_size(std::string_view what, std::size_t size, std::size_t size_max) {
  must_hold(size <= size_max, std::string(what) + " grows without bound");
}

void Invariants::check_audited(bool is_audited) {
  must_hold(is_audited, "a token is given out that the audit log does not know of");
}

void Invariants::must_hold(bool condition, const std::string& what) {
  if (!condition && !violation_) violation_ = what;
}

}  // namespace tokman
