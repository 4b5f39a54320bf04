#pragma once
// What has to be done to access tokens, logins of clients and history now and then: ends what has
// expired, and forgets what is older than history_keep. Every hour, and when somebody asks for it.
//
// All of it in steps of bounded size, between which others write.
#include <chrono>
#include <functional>

#include "daemon/base/log.h"
#include "daemon/services/access/token_changes.h"
#include "daemon/services/store/client_table.h"
#include "daemon/services/store/store_jobs.h"

namespace tokman {

class Maintenance {
 public:
  static constexpr std::chrono::hours kEvery{1};

  struct World {  // REQUIRES: all outlive this object, and the writer's last callback.
    Database& database;
    StoreWriter& writer;
    CredentialEpoch& epoch;
    const Clock& clock;
    Timers& timers;
    Log& log;
    std::function<std::chrono::seconds()> history_keep;
  };

  explicit Maintenance(const World& world);
  Maintenance(const Maintenance&) = delete;
  Maintenance& operator=(const Maintenance&) = delete;

  // From now on every hour, the first time at once.
  void start();
  // No more from now on. What callers have asked for is theirs to end.
  void stop();

  // Each gives how many there were.
  using Callback = StoreJobs::Callback;

  // Ends what has expired by now, each token with all that was made of it; an entry of the history
  // for each. Likewise the logins of clients, which are not counted and have no entry.
  [[nodiscard]] OperationPtr expire_tokens(Callback callback);

  // Forgets what is older than `before`; absent: than history_keep.
  [[nodiscard]] OperationPtr truncate_history(std::optional<UnixTime> before, Callback callback);

  // Ends all access tokens and all logins of clients that are there. The history is kept, with an
  // entry for each token, or else forgotten.
  enum class History : bool { forget, keep };
  [[nodiscard]] OperationPtr delete_all_tokens(const Actor& actor, History history,
                                               Callback callback);

 private:
  void work();
  void on_expired(const Result<std::int64_t>& expired);
  void on_truncated(const Result<std::int64_t>& removed);

  Result<StoreJobs::Outcome> expire_some(WriteTxn& txn, UnixTime now) const;
  Result<StoreJobs::Outcome> truncate_some(WriteTxn& txn, UnixTime before) const;
  Result<StoreJobs::Outcome> delete_some(WriteTxn& txn, const Actor& actor, UnixTime now) const;
  Result<StoreJobs::Outcome> empty_tables(WriteTxn& txn, History history) const;

  World world_;
  AccessTokenTable tokens_;
  HistoryTable history_;
  ClientTable clients_;
  StoreJobs jobs_;
  OperationPtr due_;
  OperationPtr running_;
};

}  // namespace tokman
