#pragma once
// A line of the history as the store keeps it.
#include "daemon/domain/access/history_entry.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// Without its time, which is in its place.
SecretBytes encode(const HistoryEntry& entry);
Result<HistoryEntry> decode_history_entry(const SecretBytes& bytes);

}  // namespace tokman
