#pragma once
// The tokens that can be given out: in memory, and in the store for after a restart.
//
// Knows when each is due: for renewal, and at its end, when it goes. A token leaves memory and
// store together, and a dropped one does not come back.
#include <functional>
#include <string>
#include <string_view>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/tokens/due_queue.h"
#include "daemon/domain/tokens/token_cache.h"
#include "daemon/domain/tokens/token_selection.h"
#include "daemon/services/audit/audit_log.h"
#include "daemon/services/github/github_time.h"
#include "daemon/services/store/token_store.h"
#include "daemon/services/tokens/token_order.h"
#include "daemon/services/tokens/token_revocations.h"

namespace tokman {

class TokenShelf {
 public:
  struct World {  // REQUIRES: all outlive the shelf.
    GithubTime& time;
    TokenStore& store;
    AuditLog& audit;
    Log& log;
    const Clock& clock;
    Timers& timers;
    Random& random;
  };

  TokenShelf(const World& world, std::size_t entries_max);

  // Called for a token that is due for renewal; from then on it `renews_on_use`.
  void on_renewal_due(std::function<void(const CacheEntry&)> callback) {
    renewal_due_ = std::move(callback);
  }

  // In memory only.
  CacheEntryPtr find(const std::string& key) const { return cache_.find(key); }
  // Also in the store; from there into memory.
  CacheEntryPtr find_or_load(const std::string& key, const TokenOrder& order);

  // Puts a new token into both, in the place of the one before.
  CacheEntryPtr keep(const std::string& key, const TokenOrder& order, const StoredToken& token);

  // A token for one holder alone: it is never here.
  CacheEntryPtr make_exclusive(const std::string& key, const TokenOrder& order,
                               const StoredToken& token);

  void drop(const TokenSelection& selection, std::string_view reason);
  void drop(const std::string& key, std::string_view reason);

  // Takes revoked tokens out of memory; the store gives none that is revoked.
  CondemnedTokens take_revoked(const std::function<bool(const CacheEntry&)>& is_revoked);

  // The clock of that server has been set right: what is due by it is due at another time.
  void reschedule(const std::string& api_base);

  // They serve on, and are renewed when they are next used.
  void renew_on_use(const TokenSelection& selection);

  // Deletes what has expired from the store, now and every hour.
  void sweep_store();

  // For shutdown: nothing is due any more, and the audit log is told of the tokens in memory.
  void stop();

  const TokenCache& cache() const { return cache_; }
  void set_entries_max(std::size_t entries) { cache_.set_entries_max(entries); }

 private:
  CacheEntryPtr put_into_memory(const std::string& key, const TokenOrder& order,
                                const StoredToken& token);
  void schedule(const CacheEntry& entry);
  void arm_timer();
  void on_due();
  void on_entry_due(CacheEntry& entry);

  World world_;
  TokenCache cache_;
  std::function<void(const CacheEntry&)> renewal_due_;
  DueQueue due_;
  OperationPtr timer_;
  OperationPtr sweeping_;
};

}  // namespace tokman
