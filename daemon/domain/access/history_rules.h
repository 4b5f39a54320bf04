#pragma once
// Whose history a caller may read.
//
// With user:token that of its own tokens, with admin:token all of it, with admin:client that of the
// clients. What a caller may not read is refused, and never left out silently.
#include <optional>
#include <string>

#include "daemon/domain/access/access_caller.h"
#include "daemon/domain/access/history_query.h"
#include "libtokman/base/result.h"

namespace tokman {

struct HistoryWish {
  std::optional<bool> all = {};              // Everybody's. Otherwise:
  std::optional<std::string> username = {};  // whose; absent: the caller's own.
};

// Narrows the filter to what was wished for, or says why that is refused: TOKMAN_E_DENIED.
Result<Done> narrow_history(const AccessCaller& caller, const HistoryWish& wish,
                            HistoryFilter& filter);

}  // namespace tokman
