#pragma once
// Ends tokens for good: on disk first, so that no restart brings them back, then at GitHub.
//
//   revoke() ─► buried ─► GitHub is told ─► confirmed, or expired
//                 │             │ fails: again and again, also after a restart
//                 │ fails       ▼
//                 └─► GitHub is told all the same, and the caller that it may not last
//
// Whoever has tokens in memory takes them out before revoke(). A caller that leaves, or whose time
// is over, cancels nothing.
#include <list>
#include <optional>
#include <set>
#include <string>

#include "daemon/base/waiters.h"
#include "daemon/domain/tokens/token_cache.h"
#include "daemon/services/tokens/revocation_delivery.h"

namespace tokman {

// The token of an entry, to be revoked.
CondemnedToken condemned(const CacheEntry& entry);

class TokenRevocations {
 public:
  // REQUIRES: store outlives this object.
  TokenRevocations(RevocationStore& store, const RevocationDelivery::World& world)
      : store_(store),
        world_(world),
        delivery_(world, [this](const auto& dead) { on_dead(dead); }) {}

  // After a start: goes on with what is left of an earlier run.
  void resume();

  struct Outcome {
    std::int64_t revoked = 0;
    std::int64_t pending = 0;  // Of these: those that GitHub has not confirmed yet.
  };
  using Callback = std::function<void(const Result<Outcome>&)>;

  // Revokes `known` and every stored token that is doomed. Calls back when all are confirmed, or
  // when `timeout` is over and they are buried.
  [[nodiscard]] OperationPtr revoke(CondemnedTokens known, RevocationStore::IsDoomed is_doomed,
                                    std::chrono::milliseconds timeout, Callback callback);
  // The same for one that nobody waits for.
  void revoke(CondemnedToken token);

  // What became of a token that was revoked before; none if it was not.
  std::optional<Outcome> outcome_of(const std::string& fingerprint) const;
  std::size_t pending() const { return delivery_.pending(); }

  // For shutdown: starts nothing more.
  void stop();

 private:
  // The tokens of one call.
  struct Batch {
    std::int64_t revoked = 0;
    std::set<std::string> open;
    bool is_buried = false;
    Waiters<Result<Outcome>> waiters;
    OperationPtr timeout;
  };
  using Batches = std::list<Batch>;

  void on_buried(Batches::iterator batch, const Result<Done>& outcome, CondemnedTokens tokens);
  void on_timeout(Batches::iterator batch);
  void on_dead(const CondemnedToken& token);
  void settle(Batches::iterator batch);
  void finish(Batches::iterator batch, const Result<Outcome>& outcome);
  void sweep();

  RevocationStore& store_;
  RevocationDelivery::World world_;
  RevocationDelivery delivery_;
  Batches batches_;
  OperationPtr sweeping_;
};

}  // namespace tokman
