#include "daemon/services/tokens/token_fetch.h"

namespace tokman {
namespace {
// A repository made a moment ago may not have reached the machine that mints.
constexpr std::chrono::milliseconds kRepositoryPause{1000};
}  // namespace

TokenFetch::TokenFetch(const World& world, const AppConfig& app, MintRequest request, Events events)
    : world_(world), app_(app), request_(std::move(request)), events_(std::move(events)) {}

void TokenFetch::start(int priority, Instant wanted_until) {
  wish_ = {priority, world_.clock.now(), wanted_until};
  wait_for_turn();
}

void TokenFetch::want(int priority, Instant until) {
  wish_.priority = std::max(wish_.priority, priority);
  wish_.until = std::max(wish_.until, until);
  if (place_) place_->raise(priority, until);
}

void TokenFetch::wait_for_turn() {
  place_ = world_.gate.enter(app_, wish_,
                             {.on_held = [this](const Error& error) { events_.on_held(error); },
                              .on_turn = [this] { attempt(); },
                              .on_turned_away = [this](const Error& error) { turn_away(error); }});
}

void TokenFetch::attempt() {
  place_.reset();
  is_at_github_ = true;
  step_ = world_.github.mint(app_, request_,
                             [this](Result<MintedToken> minted) { on_minted(std::move(minted)); });
}

void TokenFetch::on_minted(Result<MintedToken> minted) {
  is_at_github_ = false;
  if (minted.ok()) return finish(std::move(minted));
  const auto pause = pause_after(minted.error());
  if (!pause || world_.clock.now() + *pause >= wish_.until) return finish(std::move(minted));
  step_ = world_.timers.at(world_.clock.now() + *pause, [this] { wait_for_turn(); });
  const auto tell = events_.on_attempt_failed;
  tell(minted.error());  // *this may be gone from here on.
}

std::optional<std::chrono::milliseconds> TokenFetch::pause_after(const Error& error) {
  if (error.code == TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE && !has_retried_repository_) {
    has_retried_repository_ = true;
    return kRepositoryPause;
  }
  return retry_.next_wait(error, world_.random.fraction());
}

void TokenFetch::turn_away(const Error& error) {
  const auto callback = std::move(events_.on_turned_away);
  callback(error);  // *this may be gone from here on.
}

void TokenFetch::finish(Result<MintedToken> result) {
  const auto callback = std::move(events_.on_finished);
  callback(std::move(result));  // *this may be gone from here on.
}

}  // namespace tokman
