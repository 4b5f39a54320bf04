#pragma once
// Tokens from GitHub that outlive a restart, by their key (domain/tokens/token_key.h).
//
// Reading happens at once, on the loop; changes go through the StoreWriter. Between a change and
// its commit find() gives none, never what was there before: a dropped token does not come back,
// nor does one that is revoked.
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/log.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/revocation_store.h"
#include "daemon/services/store/store_writer.h"
#include "daemon/services/store/stored_token.h"

namespace tokman {

class TokenStore {
 public:
  // REQUIRES: all outlive this object, and the writer's last callback.
  TokenStore(Database& database, const RevocationStore& revocations, StoreWriter& writer, Log& log)
      : store_(database.store()),
        table_(database.sealed(TableId::tokens)),
        revocations_(revocations),
        writer_(writer),
        log_(log) {}

  // TOKMAN_E_STORE if what is there cannot be read: drop() it.
  Result<std::optional<StoredToken>> find(std::string_view key);

  void put(std::string_view key, const StoredToken& token);
  void drop(std::string_view key);

  // Drops what has expired by `now`, and what cannot be read; off the loop, bit by bit.
  void drop_expired(UnixTime now);

  // Likewise those that GitHub no longer accepts; find() gives none of them from now on.
  using IsDoomed = std::function<bool(const StoredToken&)>;
  void drop_if(IsDoomed is_doomed);

 private:
  using Dooms = std::list<IsDoomed>;

  void sweep_from(const std::string& from, Dooms::iterator doom);
  bool is_doomed(const StoredToken& stored) const;
  bool add(StoreChange change);

  Store& store_;
  const SealedTable& table_;
  const RevocationStore& revocations_;
  StoreWriter& writer_;
  Log& log_;
  Dooms dooms_;  // Sweeps not at their end yet.
};

}  // namespace tokman
