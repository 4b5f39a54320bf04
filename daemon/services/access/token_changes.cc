#include "daemon/services/access/token_changes.h"

namespace tokman {

Result<Done> TokenEdits::write_to(WriteTxn& txn, const AccessTokenTable& table,
                                  const HistoryTable& log) const {
  for (const AccessTokenInfo& info : ended) {
    if (Result<Done> done = table.remove(txn, info); !done.ok()) return done;
  }
  for (const AccessTokenRecord& record : put) {
    if (Result<Done> done = table.put(txn, record); !done.ok()) return done;
  }
  for (const HistoryEntry& entry : history) {
    if (Result<Done> done = log.append(txn, entry); !done.ok()) return done;
  }
  return Done{};
}

}  // namespace tokman
