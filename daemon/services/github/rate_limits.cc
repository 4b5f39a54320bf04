#include "daemon/services/github/rate_limits.h"

namespace tokman {
namespace {

constexpr std::chrono::seconds kFreshFor{10};
constexpr std::size_t kInstallationsMax = 10'000;

}  // namespace

Result<Done> RateLimits::observe(const Place& place, RateWindow window) {
  window.source = RateSource::observed;
  window.seen_at = time_.host(place.app.api_base).now();
  if (Result<Done> checked = check_rate_window(window, window.seen_at); !checked.ok()) {
    return checked;
  }
  installation_at(place).view.note(window);
  return Done{};
}

std::vector<RateWindow> RateLimits::windows(const Place& place) const {
  const auto found = installations_.find({place.app.api_base, place.installation_id});
  if (found == installations_.end()) return {};
  return found->second.view.windows(time_.host(place.app.api_base).now());
}

bool RateLimits::is_fresh(const Place& place) const {
  const auto found = installations_.find({place.app.api_base, place.installation_id});
  return found != installations_.end() && found->second.asked_at &&
         clock_.now() - *found->second.asked_at < kFreshFor;
}

OperationPtr RateLimits::ask(const Place& place, const SecretBytes& token,
                             std::function<void(const Asked&)> callback) {
  Installation& installation = installation_at(place);
  OperationPtr waiting = installation.waiters.add(std::move(callback));
  if (installation.asking) return waiting;
  installation.asking =
      github_.rate_limits(place.app, token,
                          [this, &installation, base = place.app.api_base](
                              const Result<std::vector<RateWindow>>& answer) {
                            on_answer(installation, time_.host(base).now(), answer);
                          });
  return waiting;
}

void RateLimits::on_answer(Installation& installation, UnixTime now,
                           const Result<std::vector<RateWindow>>& answer) {
  const OperationPtr ended = std::move(installation.asking);
  if (!answer.ok()) return installation.waiters.answer_all(answer.error());
  installation.asked_at = clock_.now();
  for (RateWindow window : answer.value()) {
    window.source = RateSource::github;
    window.seen_at = now;
    if (check_rate_window(window, window.seen_at).ok()) installation.view.note(window);
  }
  installation.waiters.answer_all(Done{});
}

RateLimits::Installation& RateLimits::installation_at(const Place& place) {
  if (installations_.size() >= kInstallationsMax) {
    std::erase_if(installations_, [](const auto& row) { return !row.second.asking; });
  }
  return installations_[{place.app.api_base, place.installation_id}];
}

}  // namespace tokman
