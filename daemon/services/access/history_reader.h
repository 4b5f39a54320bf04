#pragma once
// Reads the history for callers: a page at a time, off the loop, and with bounded work.
//
// It takes the narrowest way: a token's entries, else a client's, else a user's, else all. Where
// few of many entries match, a page ends before it is full, and its cursor goes on from there.
#include <functional>

#include "daemon/base/ports.h"
#include "daemon/domain/access/history_query.h"
#include "daemon/services/store/access_token_table.h"
#include "daemon/services/store/history_table.h"

namespace tokman {

class HistoryReader {
 public:
  static constexpr std::size_t kExaminedMax = 20'000;  // For a page; and once more for its total.

  // REQUIRES: both outlive this object; so does database the work that was begun.
  HistoryReader(Database& database, Background& background)
      : database_(database), background_(background) {}

  // NOT_FOUND, field "key", if there is no such token, nor was one, or it is of another user than
  // the filter's. An entry that cannot be read is passed over.
  using Callback = std::function<void(Result<HistoryPage>)>;
  [[nodiscard]] OperationPtr read(HistoryQuery query, Callback callback);

 private:
  Database& database_;
  Background& background_;
};

}  // namespace tokman
