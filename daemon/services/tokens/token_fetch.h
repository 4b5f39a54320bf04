#pragma once
// Gets one installation token from GitHub, again and again if GitHub fails in passing.
//
// The happy path: POST it, and read the token in the answer.
//
// What can go wrong: GitHub cannot be reached or fails (5xx, limits): tried again after a pause
// with jitter, as long as someone wants the token; each failure is told by on_attempt_failed. A
// repository GitHub does not know yet is tried once more. Everything else ends in finish(error).
// Destroying the object cancels the step in progress; then nothing is called.
#include <functional>

#include "daemon/base/ports.h"
#include "daemon/domain/tokens/retry_policy.h"
#include "daemon/services/github/github_client.h"

namespace tokman {

class TokenFetch {
 public:
  struct World {  // REQUIRES: all outlive the fetch.
    GithubClient& github;
    const Clock& clock;
    Timers& timers;
    Random& random;
  };
  struct Events {
    std::function<void(const Error&)> on_attempt_failed;  // Another attempt follows.
    std::function<void(Result<MintedToken>)> on_finished;
  };

  TokenFetch(const World& world, const AppConfig& app, MintRequest request, Events events);
  TokenFetch(const TokenFetch&) = delete;
  TokenFetch& operator=(const TokenFetch&) = delete;

  void start(Instant wanted_until);
  // Someone else waits, perhaps longer.
  void want_until(Instant instant) { wanted_until_ = std::max(wanted_until_, instant); }

 private:
  void attempt();
  void on_minted(Result<MintedToken> minted);
  std::optional<std::chrono::milliseconds> pause_after(const Error& error);
  void finish(Result<MintedToken> result);

  World world_;
  AppConfig app_;
  MintRequest request_;
  Events events_;
  RetryPolicy retry_;
  Instant wanted_until_{};
  bool has_retried_repository_ = false;
  OperationPtr step_;
};

}  // namespace tokman
