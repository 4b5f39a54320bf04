#pragma once
// The tokens that must end: revoked ones, and exclusive ones while someone holds them.
//
// A token is buried in the transaction that takes it out of the stored tokens, and stays buried
// until it has expired: it never comes back, whenever the daemon is killed. Its text is kept until
// GitHub has confirmed its end, so that the next start can ask for what is still missing.
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/store_writer.h"
#include "daemon/services/store/stored_token.h"

namespace tokman {

struct CondemnedToken {
  std::string fingerprint;
  SecretBytes token;  // Empty once GitHub has confirmed its end.
  std::string app;
  UnixTime expires_at{};

  CondemnedToken copy() const {
    return {fingerprint, SecretBytes::concat({token.reveal()}), app, expires_at};
  }
};
using CondemnedTokens = std::vector<CondemnedToken>;

class RevocationStore {
 public:
  // REQUIRES: all outlive this object, and the writer's last callback.
  RevocationStore(Database& database, StoreWriter& writer, Log& log)
      : store_(database.store()),
        table_(database.sealed(TableId::revocations)),
        tokens_(database.sealed(TableId::tokens)),
        writer_(writer),
        log_(log) {}
  RevocationStore(const RevocationStore&) = delete;
  RevocationStore& operator=(const RevocationStore&) = delete;

  // Reads what an earlier run has left. Gives those whose end GitHub has not confirmed.
  Result<CondemnedTokens> load();

  // Buries `known` and every stored token that is doomed, all or none, and calls back with them
  // once they are on disk. If that fails it calls back with `known`, which this run never gives out
  // again all the same. `is_doomed` may be empty. Calls back at once if nothing more can be stored.
  using IsDoomed = std::function<bool(const StoredToken&)>;
  using OnBuried = std::function<void(const Result<Done>&, CondemnedTokens)>;
  void bury(CondemnedTokens known, IsDoomed is_doomed, OnBuried callback);

  // GitHub has ended it: its text is not needed any more.
  void confirm(const CondemnedToken& token);

  void drop_expired(UnixTime now);

  bool contains(std::string_view fingerprint) const { return expires_at_.contains(fingerprint); }
  // Whether a stored token may not be given out.
  bool forbids(const StoredToken& stored) const;

 private:
  struct Burial;

  void on_buried(Burial& burial, const Result<Done>& outcome);
  void remove(std::vector<std::string> fingerprints);
  void add(StoreChange change);

  Store& store_;
  const SealedTable& table_;
  const SealedTable& tokens_;
  StoreWriter& writer_;
  Log& log_;
  std::map<std::string, UnixTime, std::less<>> expires_at_;  // By fingerprint.
  std::list<IsDoomed> being_buried_;
};

}  // namespace tokman
