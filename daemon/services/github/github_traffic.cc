#include "daemon/services/github/github_traffic.h"

#include <algorithm>

#include "daemon/services/github/github_errors.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr Instant::duration kPauseFirst = std::chrono::seconds(60);
constexpr Instant::duration kPauseLongest = std::chrono::hours(1);  // GitHub's longest window.
constexpr std::int64_t kFarthestReset = std::int64_t{1} << 40;      // No sum with it overflows.
constexpr Instant::duration kSoon = std::chrono::seconds(1);        // A probe is out.

std::optional<std::int64_t> number_in(const HttpResponse& answer, const std::string& header) {
  const auto found = answer.headers.find(header);
  return found == answer.headers.end() ? std::nullopt : parse_int(found->second);
}

bool has_spent_window(const HttpResponse& answer) {
  return number_in(answer, "x-ratelimit-remaining") == 0;
}

Error limited(const AppConfig& app, const GithubTraffic::Pause& pause, Instant now) {
  Error error{TOKMAN_E_UPSTREAM_LIMITED,
              "GitHub is limiting the app '" + app.name + "': " + pause.cause, "",
              pause.until - now};
  error.github = pause.github;
  return error;
}

Error failing(const AppConfig& app, const Error& failure, Instant::duration wait) {
  Error error{TOKMAN_E_UPSTREAM_DOWN,
              app.api_base + " is failing, and is not asked for a while: " + failure.message, "",
              wait};
  error.github = failure.github;
  return error;
}

}  // namespace

// ---- What may be sent --------------------------------------------------------------------------

OperationPtr GithubTraffic::refuse(const AppConfig& app,
                                   std::function<void(const Error&)> callback) {
  const auto error = why_not(app);
  if (!error) return nullptr;
  return world_.timers.at(world_.clock.now(),
                          [callback = std::move(callback), error] { callback(*error); });
}

std::optional<Error> GithubTraffic::why_not(const AppConfig& app) {
  const Instant now = world_.clock.now();
  if (const auto pause = find_pause(app.name)) return limited(app, *pause, now);
  CircuitBreaker& host = hosts_[app.api_base].breaker;
  if (host.admit(now)) return std::nullopt;
  return find_hold(app)->error;
}

std::optional<GithubTraffic::Hold> GithubTraffic::find_hold(const AppConfig& app) const {
  const Instant now = world_.clock.now();
  if (const auto pause = find_pause(app.name)) return Hold{pause->until, limited(app, *pause, now)};
  const auto host = hosts_.find(app.api_base);
  if (host == hosts_.end() || host->second.breaker.next_at(now) <= now) return std::nullopt;
  const CircuitBreaker& breaker = host->second.breaker;
  const bool is_probing = breaker.state(now) == CircuitBreaker::State::half_open;
  const Instant::duration wait = is_probing ? kSoon : breaker.next_at(now) - now;
  return Hold{now + wait, failing(app, host->second.failure, wait)};
}

void GithubTraffic::reserve_probe(const AppConfig& app) {
  hosts_[app.api_base].breaker.reserve_probe(world_.clock.now());
}

std::optional<GithubTraffic::Pause> GithubTraffic::find_pause(const std::string& app) const {
  const auto found = apps_.find(app);
  if (found == apps_.end() || !found->second.pause) return std::nullopt;
  if (found->second.pause->until <= world_.clock.now()) return std::nullopt;
  return found->second.pause;
}

CircuitBreaker::State GithubTraffic::host_state(const std::string& api_base) const {
  const auto found = hosts_.find(api_base);
  if (found == hosts_.end()) return CircuitBreaker::State::closed;
  return found->second.breaker.state(world_.clock.now());
}

// ---- What came back ----------------------------------------------------------------------------

void GithubTraffic::on_answer(const AppConfig& app, const Result<HttpResponse>& answer) {
  if (!answer.ok()) return on_host_failed(app, answer.error());
  const HttpResponse& said = answer.value();
  if (said.status >= 500) return on_host_failed(app, error_from_answer(said));
  on_host_works(app);
  if (said.status >= 400 && error_from_answer(said).code == TOKMAN_E_UPSTREAM_LIMITED) {
    return on_limited(app, said);
  }
  if (said.status < 400) on_accepted(app);
  const auto end = has_spent_window(said) ? end_of_window(app, said) : std::nullopt;
  if (end) pause(app, {*end, "no request is left before its limit is reset", std::nullopt});
}

void GithubTraffic::on_host_failed(const AppConfig& app, const Error& failure) {
  const double fraction = world_.random.fraction();
  Host& host = hosts_[app.api_base];
  host.failure = failure;
  if (host.breaker.on_failure(world_.clock.now(), fraction)) {
    world_.log.warning("GitHub is failing: requests held",
                       {{"host", app.api_base}, {"error", describe(failure)}});
  }
  // A failed probe's pause may be shorter than the time it had.
  if (changed_ && host_state(app.api_base) != CircuitBreaker::State::closed) changed_();
}

void GithubTraffic::on_host_works(const AppConfig& app) {
  if (!hosts_[app.api_base].breaker.on_success()) return;
  world_.log.info("GitHub works again", {{"host", app.api_base}});
  if (changed_) changed_();
}

void GithubTraffic::on_limited(const AppConfig& app, const HttpResponse& answer) {
  const Instant now = world_.clock.now();
  const Error said = error_from_answer(answer);
  if (said.retry_after) {
    return pause(app, {now + *said.retry_after, "it said Retry-After", said.github});
  }
  const auto end = has_spent_window(answer) ? end_of_window(app, answer) : std::nullopt;
  if (end) return pause(app, {*end, "its limit for this hour is reached", said.github});
  if (find_pause(app.name)) return;  // One of several that were under way.
  int& pauses = apps_[app.name].pauses;
  const Instant::duration longer = kPauseFirst * (1 << std::min(pauses++, 6));
  pause(app, {now + longer, "its secondary limit is reached", said.github});
}

void GithubTraffic::on_accepted(const AppConfig& app) {
  const auto found = apps_.find(app.name);
  if (found == apps_.end() || find_pause(app.name)) return;
  apps_.erase(found);
  world_.log.info("app goes on after its pause", {{"app", app.name}});
}

void GithubTraffic::pause(const AppConfig& app, Pause pause) {
  const Instant now = world_.clock.now();
  pause.until = std::min(pause.until, now + kPauseLongest);
  const auto present = find_pause(app.name);
  if (pause.until <= now || (present && pause.until <= present->until)) return;
  apps_[app.name].pause = pause;
  if (present) return;
  const auto length = std::chrono::ceil<std::chrono::seconds>(pause.until - now);
  world_.log.warning("app paused",
                     {{"app", app.name}, {"cause", pause.cause}, {"seconds", length.count()}});
}

// By GitHub's clock; a second later, because a second is all it tells.
std::optional<Instant> GithubTraffic::end_of_window(const AppConfig& app,
                                                    const HttpResponse& answer) const {
  const auto reset = number_in(answer, "x-ratelimit-reset");
  if (!reset || *reset > kFarthestReset) return std::nullopt;
  const Instant end = world_.time.host(app.api_base).when(UnixTime(std::chrono::seconds(*reset)));
  if (end <= world_.clock.now()) return std::nullopt;
  return end + std::chrono::seconds(1);
}

}  // namespace tokman
