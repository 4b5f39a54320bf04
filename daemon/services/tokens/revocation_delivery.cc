#include "daemon/services/tokens/revocation_delivery.h"

#include <algorithm>

#include "daemon/services/github/github_errors.h"

namespace tokman {
namespace {
constexpr std::chrono::minutes kUnwillingPause{1};
}

void RevocationDelivery::add(CondemnedToken token) {
  if (is_stopped_ || !app_of_.emplace(token.fingerprint, token.app).second) return;
  Lane& lane = lanes_[token.app];
  lane.due.put(token.fingerprint, world_.clock.now());
  const std::string app = token.app;
  lane.tokens.insert_or_assign(token.fingerprint, std::move(token));
  lane.timer =
      world_.timers.at(std::max(lane.not_before, world_.clock.now()), [this, app] { go_on(app); });
}

void RevocationDelivery::stop() {
  is_stopped_ = true;
  lanes_.clear();
}

void RevocationDelivery::go_on(const std::string& app) {
  const auto found = lanes_.find(app);
  if (found == lanes_.end()) return;
  Lane& lane = found->second;
  const std::size_t at_once = lane.is_failing ? 1 : kAtOnce;
  while (lane.asking.size() < at_once && lane.not_before <= world_.clock.now()) {
    const auto fingerprint = lane.due.take_due(world_.clock.now());
    if (!fingerprint) break;
    ask(lane, lane.tokens.at(*fingerprint));
  }
  const auto next = lane.asking.size() < at_once ? lane.due.next_due() : std::nullopt;
  lane.timer = next
                   ? world_.timers.at(std::max(*next, lane.not_before), [this, app] { go_on(app); })
                   : nullptr;
}

void RevocationDelivery::ask(Lane& lane, const CondemnedToken& token) {
  const AppConfig* app = world_.find_app(token.app);
  const UnixTime now = app ? world_.time.host(app->api_base).now() : world_.time.earliest();
  if (token.expires_at <= now) return finish(lane, token.fingerprint);
  if (app == nullptr) {
    return try_later(lane, token, Error{TOKMAN_E_NOT_FOUND, "the app is not configured any more"});
  }
  lane.asking[token.fingerprint] = world_.github.revoke(
      *app, token.token,
      [this, name = token.app, fingerprint = token.fingerprint](const Result<Done>& answer) {
        on_answer(name, fingerprint, answer);
      });
}

void RevocationDelivery::on_answer(const std::string& app, const std::string& fingerprint,
                                   const Result<Done>& answer) {
  Lane& lane = lanes_.at(app);
  const OperationPtr asked = std::move(lane.asking.extract(fingerprint).mapped());
  const CondemnedToken& token = lane.tokens.at(fingerprint);
  if (answer.ok()) {
    lane.is_failing = false;
    lane.retry = {};
    finish(lane, fingerprint);
  } else {
    try_later(lane, token, answer.error());
  }
  go_on(app);
}

void RevocationDelivery::try_later(Lane& lane, const CondemnedToken& token, const Error& error) {
  world_.log.warning(
      "token not revoked yet",
      {{"app", token.app}, {"fingerprint", token.fingerprint}, {"error", describe(error)}});
  const Instant now = world_.clock.now();
  const auto pause = lane.retry.next_wait(error, world_.random.fraction());
  if (pause) {
    lane.is_failing = true;
    lane.not_before = std::max(lane.not_before, now + *pause);
  }
  lane.due.put(token.fingerprint, pause ? lane.not_before : now + kUnwillingPause);
}

void RevocationDelivery::finish(Lane& lane, const std::string& fingerprint) {
  const auto dead = lane.tokens.extract(fingerprint);
  app_of_.erase(dead.key());
  const OnDead on_dead = on_dead_;
  on_dead(dead.mapped());
}

}  // namespace tokman
