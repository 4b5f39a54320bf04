#include "daemon/services/access/token_changes.h"

namespace tokman {

Result<Done> TokenChanges::write(const World& world, WriteTxn& txn, const TokenEdits& edits) {
  for (const AccessTokenInfo& info : edits.ended) {
    if (Result<Done> done = world.table.remove(txn, info); !done.ok()) return done;
  }
  for (const AccessTokenRecord& record : edits.put) {
    if (Result<Done> done = world.table.put(txn, record); !done.ok()) return done;
  }
  for (const HistoryEntry& entry : edits.history) {
    if (Result<Done> done = world.history.append(txn, entry); !done.ok()) return done;
  }
  return Done{};
}

}  // namespace tokman
