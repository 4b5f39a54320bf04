#include "daemon/services/tokens/token_revocations.h"

#include "daemon/services/tokens/token_answer.h"

namespace tokman {
namespace {
constexpr std::chrono::hours kSweepEvery{1};
}

CondemnedToken condemned(const CacheEntry& entry) {
  const ReadyToken& token = *entry.token;
  return {token.fingerprint, token_in_answer(token.answer), entry.app, token.expires_at};
}

void TokenRevocations::resume() {
  Result<CondemnedTokens> left = store_.load();
  if (!left.ok()) {
    world_.log.error("revocations not read", {{"error", left.error().message}});
  } else {
    for (CondemnedToken& token : left.value()) delivery_.add(std::move(token));
  }
  sweep();
}

OperationPtr TokenRevocations::revoke(CondemnedTokens known, RevocationStore::IsDoomed is_doomed,
                                      std::chrono::milliseconds timeout, Callback callback) {
  const auto batch = batches_.emplace(batches_.end());
  OperationPtr waiting = batch->waiters.add(std::move(callback));
  batch->timeout =
      world_.timers.at(world_.clock.now() + timeout, [this, batch] { on_timeout(batch); });
  store_.bury(std::move(known), std::move(is_doomed),
              [this, batch](const Result<Done>& outcome, CondemnedTokens tokens) {
                on_buried(batch, outcome, std::move(tokens));
              });
  return waiting;
}

void TokenRevocations::revoke(CondemnedToken token) {
  CondemnedTokens known;
  known.push_back(std::move(token));
  store_.bury(std::move(known), {}, [this](const Result<Done>& outcome, CondemnedTokens tokens) {
    if (!outcome.ok()) {
      world_.log.error("revocation not stored", {{"error", outcome.error().message}});
    }
    for (CondemnedToken& buried : tokens) delivery_.add(std::move(buried));
  });
}

std::optional<TokenRevocations::Outcome> TokenRevocations::outcome_of(
    const std::string& fingerprint) const {
  if (!store_.contains(fingerprint)) return std::nullopt;
  return Outcome{1, delivery_.is_pending(fingerprint) ? 1 : 0};
}

void TokenRevocations::stop() {
  sweeping_.reset();
  delivery_.stop();
}

void TokenRevocations::on_buried(Batches::iterator batch, const Result<Done>& outcome,
                                 CondemnedTokens tokens) {
  batch->revoked = static_cast<std::int64_t>(tokens.size());
  batch->is_buried = true;
  for (CondemnedToken& token : tokens) {
    if (outcome.ok()) batch->open.insert(token.fingerprint);
    delivery_.add(std::move(token));
  }
  if (!outcome.ok()) {  // Perhaps at once, and revoke() has not returned yet.
    batch->timeout = world_.timers.at(
        world_.clock.now(), [this, batch, error = outcome.error()] { finish(batch, error); });
  } else if (batch->open.empty() || !batch->timeout) {
    settle(batch);
  }
}

// Whether it will last is never left in doubt: the answer waits for that, however late it is.
void TokenRevocations::on_timeout(Batches::iterator batch) {
  batch->timeout.reset();
  if (batch->is_buried) settle(batch);
}

void TokenRevocations::on_dead(const CondemnedToken& token) {
  store_.confirm(token);
  for (auto batch = batches_.begin(); batch != batches_.end();) {
    const auto next = std::next(batch);
    if (batch->open.erase(token.fingerprint) > 0 && batch->open.empty()) settle(batch);
    batch = next;
  }
}

void TokenRevocations::settle(Batches::iterator batch) {
  finish(batch, Outcome{batch->revoked, static_cast<std::int64_t>(batch->open.size())});
}

void TokenRevocations::finish(Batches::iterator batch, const Result<Outcome>& outcome) {
  Batches finished;
  finished.splice(finished.end(), batches_, batch);
  finished.front().waiters.answer_all(outcome);
}

void TokenRevocations::sweep() {
  store_.drop_expired(world_.time.earliest());
  sweeping_ = world_.timers.at(world_.clock.now() + kSweepEvery, [this] { sweep(); });
}

}  // namespace tokman
