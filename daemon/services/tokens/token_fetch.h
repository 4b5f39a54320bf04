#pragma once
// Gets one installation token from GitHub, again and again if GitHub fails in passing.
//
// The happy path: wait for its turn at the gate; POST it, and read the token in the answer.
//
// What can go wrong: the turn does not come at once (told by on_held), or not in time (ends with
// on_turned_away: GitHub was not asked). GitHub cannot be reached or fails (5xx, limits): tried
// again after a pause with jitter, as long as someone wants the token; each failure is told by
// on_attempt_failed. A repository GitHub does not know yet is tried once more. Everything else
// ends in on_finished. Destroying the object cancels the step in progress; then nothing is called.
#include <functional>
#include <memory>

#include "daemon/base/ports.h"
#include "daemon/domain/tokens/retry_policy.h"
#include "daemon/services/github/github_client.h"
#include "daemon/services/tokens/mint_gate.h"

namespace tokman {

class TokenFetch {
 public:
  struct World {  // REQUIRES: all outlive the fetch.
    GithubClient& github;
    MintGate& gate;
    const Clock& clock;
    Timers& timers;
    Random& random;
  };
  struct Events {
    std::function<void(const Error&)> on_held;
    std::function<void(const Error&)> on_attempt_failed;  // Another attempt follows.
    std::function<void(const Error&)> on_turned_away;
    std::function<void(Result<MintedToken>)> on_finished;
  };

  TokenFetch(const World& world, const AppConfig& app, MintRequest request, Events events);
  TokenFetch(const TokenFetch&) = delete;
  TokenFetch& operator=(const TokenFetch&) = delete;

  void start(int priority, Instant wanted_until);
  // Someone else wants it too, perhaps more, perhaps longer.
  void want(int priority, Instant until);

  // Whether a token may be on its way: not while it waits for its turn or for the next attempt.
  bool is_at_github() const { return is_at_github_; }

 private:
  void wait_for_turn();
  void attempt();
  void on_minted(Result<MintedToken> minted);
  std::optional<std::chrono::milliseconds> pause_after(const Error& error);
  void turn_away(const Error& error);
  void finish(Result<MintedToken> result);

  World world_;
  AppConfig app_;
  MintRequest request_;
  Events events_;
  RetryPolicy retry_;
  MintGate::Wish wish_;
  bool has_retried_repository_ = false;
  bool is_at_github_ = false;
  std::unique_ptr<MintGate::Place> place_;  // While it waits for its turn.
  OperationPtr step_;
};

}  // namespace tokman
