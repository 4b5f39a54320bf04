#include "daemon/services/tokens/token_fetch.h"

namespace tokman {
namespace {
// A repository made a moment ago may not have reached the machine that mints.
constexpr std::chrono::milliseconds kRepositoryPause{1000};
}  // namespace

TokenFetch::TokenFetch(const World& world, const AppConfig& app, MintRequest request, Events events)
    : world_(world), app_(app), request_(std::move(request)), events_(std::move(events)) {}

void TokenFetch::start(Instant wanted_until) {
  want_until(wanted_until);
  attempt();
}

void TokenFetch::attempt() {
  step_ = world_.github.mint(app_, request_,
                             [this](Result<MintedToken> minted) { on_minted(std::move(minted)); });
}

void TokenFetch::on_minted(Result<MintedToken> minted) {
  if (minted.ok()) return finish(std::move(minted));
  const auto pause = pause_after(minted.error());
  if (!pause || world_.clock.now() + *pause >= wanted_until_) return finish(std::move(minted));
  step_ = world_.timers.at(world_.clock.now() + *pause, [this] { attempt(); });
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

void TokenFetch::finish(Result<MintedToken> result) {
  const auto callback = std::move(events_.on_finished);
  callback(std::move(result));  // *this may be gone from here on.
}

}  // namespace tokman
