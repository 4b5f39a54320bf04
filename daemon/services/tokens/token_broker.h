#pragma once
// Gives an admitted request its token: from memory, from the store, or from GitHub.
//
// Promises: one fetch per key at a time, however many ask; a token lives as long as was asked, by
// its expires_at; a waiter that leaves or times out cancels nothing for the others. Tokens in use
// are renewed ahead in the background; while GitHub fails or limits us, one that still lives is
// served as stale. A caller that has caused as many mints as it may gets only what is there, or
// is being fetched for others. Who may ask is not decided here: policy is judged above, on every
// call.
//
//   request -> installation known? -> token in memory or store? -> served
//                  | no                   | no
//                  v                      v
//            directory.resolve()     join or start the fetch of that key -> served
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/limits/caller_budgets.h"
#include "daemon/domain/tokens/refusal_memory.h"
#include "daemon/domain/tokens/rejection_rules.h"
#include "daemon/services/audit/audit_log.h"
#include "daemon/services/github/installation_directory.h"
#include "daemon/services/store/token_store.h"
#include "daemon/services/tokens/token_flights.h"
#include "daemon/services/tokens/token_order.h"
#include "daemon/services/tokens/token_revocations.h"
#include "daemon/services/tokens/token_shelf.h"

namespace tokman {

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

// One token, or all of an app: one of the two is given.
struct RevocationTarget {
  std::string fingerprint;
  std::string app;

  bool concerns(std::string_view token_fingerprint, std::string_view token_app) const {
    return fingerprint.empty() ? token_app == app : token_fingerprint == fingerprint;
  }
};

class TokenBroker {
 public:
  struct World {  // REQUIRES: all outlive the broker.
    GithubClient& github;
    GithubTime& time;
    MintGate& gate;
    CallerBudgets& budgets;
    InstallationDirectory& installations;
    TokenStore& store;
    TokenRevocations& revocations;
    AuditLog& audit;
    Log& log;
    const Clock& clock;
    Timers& timers;
    Random& random;
  };

  TokenBroker(const World& world, std::size_t cache_entries_max);
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
  // GitHub accepts a key of the app that it did not accept before.
  void forget_refused_keys(const std::string& app) {
    refusals_.forget_cause(app, TOKMAN_E_UPSTREAM_AUTH);
  }
  void forget_refusals_of(const std::string& app, const std::string& owner) {
    refusals_.forget_owner(app, owner);
  }
  // What GitHub says of an owner's installation: nobody needs to ask the same again.
  void refuse_owner(const std::string& app, const std::string& owner, const Error& error);
  void set_cache_entries_max(std::size_t entries) { shelf_.set_entries_max(entries); }
  void sweep_store() { shelf_.sweep_store(); }

  // Something at GitHub has made these useless, and those that are being minted just now.
  void drop(const TokenSelection& selection, std::string_view reason);

  // An exclusive token that its caller has no use for: GitHub is told to end it.
  void give_back(const CacheEntry& entry) { world_.revocations.revoke(condemned(entry)); }

  // A caller, by uid, says that GitHub refused this token. If it is dropped, whoever asks from now
  // on gets one whose mint begins after this.
  RejectionVerdict reject(const TokenOrder& order, const std::string& fingerprint,
                          std::uint32_t caller);

  // Revokes shared tokens, and those in `exclusive`: see TokenRevocations. What is being minted for
  // the app does not come back either.
  [[nodiscard]] OperationPtr revoke(const RevocationTarget& target, CondemnedTokens exclusive,
                                    std::chrono::milliseconds timeout,
                                    TokenRevocations::Callback callback);

  // Something has changed that new tokens would have.
  void renew_on_use(const TokenSelection& selection) { shelf_.renew_on_use(selection); }

  // For shutdown: starts nothing more, and tells the audit log of the tokens in memory.
  void stop();

  // For TokenAsk, the wait of one caller.
  [[nodiscard]] OperationPtr join(const std::string& key, const TokenOrder& order,
                                  Instant wanted_until,
                                  std::function<void(const FetchNews&)> callback);
  std::optional<Served> serve_stale(const std::string& key);
  // With retry_after, if the caller may cause no more mints now. To join a fetch costs nothing.
  std::optional<Error> spent_budget(const TokenOrder& order, const std::string& key) const;
  // Why GitHub is not asked for such a token at present, with retry_after; none if it is.
  std::optional<Error> why_held(const TokenOrder& order) const {
    return world_.gate.why_held(order.app);
  }
  void remember_refusal(const TokenOrder& order, const std::string& key, const Error& error);

  const TokenCache& cache() const { return shelf_.cache(); }
  const RefusalMemory& refusals() const { return refusals_; }
  const BrokerCounts& counts() const { return counts_; }

 private:
  CacheEntryPtr find_entry(const std::string& key, const TokenOrder& order);
  std::optional<Error> remembered_refusal(const TokenOrder& order, const std::string& key) const;

  UnixTime github_now(const TokenFlight& flight);
  CacheEntryPtr on_minted(const TokenFlight& flight, MintedToken minted);
  void on_discarded(const TokenFlight& flight, MintedToken minted);
  void on_fetch_failed(const TokenFlight& flight, const Error& error);
  void note_success(const TokenFlight& flight, const StoredToken& token);
  void note_failure(const TokenFlight& flight, const Error& error);
  void renew(const CacheEntry& entry);

  World world_;
  TokenShelf shelf_;
  TokenFlights flights_;
  RefusalMemory refusals_;
  RejectionRules rejections_;
  BrokerCounts counts_;
  FindApp find_app_;
};

}  // namespace tokman
