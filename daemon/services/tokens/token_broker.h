#pragma once
// Gives an admitted request its token: from memory, from the store, or from GitHub.
//
// Promises: one fetch per key at a time, however many ask; a token lives as long as was asked, by
// its expires_at; a waiter that leaves or times out cancels nothing for the others. Tokens in use
// are renewed ahead in the background; while GitHub fails, one that still lives is served as
// stale. Who may ask is not decided here: policy is judged above, on every call.
//
//   request -> installation known? -> token in memory or store? -> served
//                  | no                   | no
//                  v                      v
//            directory.resolve()     join or start the fetch of that key -> served
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/base/waiters.h"
#include "daemon/domain/tokens/due_queue.h"
#include "daemon/domain/tokens/refusal_memory.h"
#include "daemon/domain/tokens/renewal_policy.h"
#include "daemon/domain/tokens/token_cache.h"
#include "daemon/services/audit/audit_log.h"
#include "daemon/services/github/installation_directory.h"
#include "daemon/services/store/token_store.h"
#include "daemon/services/tokens/token_answer.h"
#include "daemon/services/tokens/token_fetch.h"

namespace tokman {

// A request that policy has allowed.
struct TokenOrder {
  AppConfig app;
  std::string owner;
  std::vector<std::string> repositories;  // In normal form; empty: the whole installation.
  Permissions permissions;
  NeededLife life;
  std::chrono::milliseconds timeout{};

  std::string target() const;
};

struct Served {
  CacheEntryPtr entry;  // Its token is the one served.
  TokenSource source = TokenSource::cache;
};

struct BrokerCounts {
  std::int64_t hits = 0;
  std::int64_t stale_served = 0;
  struct App {
    std::int64_t mints = 0;
    std::int64_t failures = 0;
    std::string last_error;
    bool is_failing = false;  // For every target, not only for the one that failed.
  };
  std::map<std::string, App> apps;
};

// What a fetch tells those who wait for it.
struct FetchNews {
  CacheEntryPtr entry;   // None if the attempt failed.
  Error error;           // Then: why,
  bool goes_on = false;  // and whether another attempt follows.
};

class TokenBroker {
 public:
  struct World {  // REQUIRES: all outlive the broker.
    GithubClient& github;
    InstallationDirectory& installations;
    TokenStore& store;
    AuditLog& audit;
    Log& log;
    const Clock& clock;
    Timers& timers;
    Random& random;
  };

  TokenBroker(const World& world, std::size_t cache_entries_max);
  ~TokenBroker();
  TokenBroker(const TokenBroker&) = delete;
  TokenBroker& operator=(const TokenBroker&) = delete;

  // The answer if it needs no one else: a cached token, or a refusal that is remembered.
  std::optional<Result<Served>> answer_now(const TokenOrder& order);

  // REQUIRES: answer_now() gave none. Calls back within order.timeout.
  using Callback = std::function<void(Result<Served>)>;
  [[nodiscard]] OperationPtr get(TokenOrder order, Callback callback);

  // Whether this entry's token may be given out again for the same request. Counts it if so.
  bool serve(CacheEntry& entry, NeededLife needed);

  // Renewals ask for the app's present settings; none if the app is gone.
  using FindApp = std::function<const AppConfig*(const std::string& name)>;
  void on_find_app(FindApp find_app) { find_app_ = std::move(find_app); }

  // After a reload: what GitHub refused may be right now.
  void forget_refusals() { refusals_.forget_all(); }
  void set_cache_entries_max(std::size_t entries) { cache_.set_entries_max(entries); }

  // Deletes what has expired from the store, now and every hour.
  void sweep_store();

  // For shutdown: starts nothing more, and tells the audit log of the tokens in memory.
  void stop();

  // For TokenAsk, the wait of one caller.
  static std::string key_of(const TokenOrder& order, std::int64_t installation_id);
  [[nodiscard]] OperationPtr join(const std::string& key, const TokenOrder& order,
                                  Instant wanted_until,
                                  std::function<void(const FetchNews&)> callback);
  std::optional<Served> serve_stale(const std::string& key);
  void remember_refusal(const TokenOrder& order, const std::string& key, const Error& error);

  const TokenCache& cache() const { return cache_; }
  const RefusalMemory& refusals() const { return refusals_; }
  const BrokerCounts& counts() const { return counts_; }

 private:
  struct Flight;

  CacheEntryPtr find_entry(const std::string& key, const TokenOrder& order);
  CacheEntryPtr load_entry(const std::string& key, const TokenOrder& order);
  CacheEntryPtr keep(const std::string& key, const TokenOrder& order,
                     std::unique_ptr<ReadyToken> token);

  std::optional<Error> remembered_refusal(const TokenOrder& order, const std::string& key) const;

  Flight& flight_for(const std::string& key, const TokenOrder& order, Instant wanted_until);
  void on_attempt_failed(Flight& flight, const Error& error);
  void on_fetched(const std::string& key, Result<MintedToken> minted);
  CacheEntryPtr keep_minted(const Flight& flight, MintedToken minted);
  void on_fetch_failed(const Flight& flight, const Error& error);
  void note_failure(const Flight& flight, const Error& error);

  void renew(const CacheEntry& entry);
  void schedule(const CacheEntry& entry);
  void arm_timer();
  void on_due();
  void on_entry_due(CacheEntry& entry);

  World world_;
  TokenCache cache_;
  RefusalMemory refusals_;
  BrokerCounts counts_;
  FindApp find_app_;
  std::map<std::string, std::unique_ptr<Flight>> flights_;  // By key.
  DueQueue due_;
  OperationPtr timer_;
  OperationPtr sweeping_;
};

}  // namespace tokman
