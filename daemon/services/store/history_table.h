#pragma once
// The history on disk: appended to, walked in both directions, and forgotten from its old end.
//
// Each entry is found by time, by its token and the direct parent of that, and by whom it is about:
// a user, or a client. Those are its paths; the order of places is the same on all of them. What
// walks them reads a place at a time: an entry may be gone by the time it is asked for.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/domain/access/history_entry.h"
#include "daemon/services/store/database.h"

namespace tokman {

class HistoryTable {
 public:
  // REQUIRES: database outlives this object.
  explicit HistoryTable(Database& database)
      : rows_(database.sealed(TableId::history)),
        by_token_(database.in_clear(TableId::history_by_token)),
        by_user_(database.in_clear(TableId::history_by_user)) {}

  Result<Done> append(WriteTxn& txn, const HistoryEntry& entry) const;

  // Also fine if there is none. A row that does not open is removed all the same; index entries of
  // its token and user then stay, and lead nowhere.
  Result<Done> remove(WriteTxn& txn, HistoryPlace place) const;

  // TOKMAN_E_STORE if what is there cannot be read.
  Result<std::optional<HistoryEntry>> find(const ReadTxn& txn, HistoryPlace place) const;

  // A way through the history.
  class Path {
    friend class HistoryTable;
    Path(Table table, std::string prefix) : table_(table), prefix_(std::move(prefix)) {}
    Table table_;
    std::string prefix_;
  };
  Path by_time() const { return {rows_.as_stored(), ""}; }
  Path by_token(std::string_view key) const;
  Path by_user(std::string_view username) const;
  Path by_client(std::string_view id) const;

  // Calls visit(place) until it returns false: from `start` to older ones, or from the first after
  // `start` to newer ones.
  using Visit = std::function<bool(HistoryPlace)>;
  Result<Done> walk_back(const ReadTxn& txn, const Path& path, HistoryPlace start,
                         const Visit& visit) const;
  Result<Done> walk_forward(const ReadTxn& txn, const Path& path, HistoryPlace start,
                            const Visit& visit) const;

  Result<std::size_t> count(const ReadTxn& txn) const { return txn.count(rows_.as_stored()); }

 private:
  std::vector<Path> paths_of(const HistoryEntry& entry) const;
  Result<HistoryPlace> next_place(const ReadTxn& txn, UnixTime time) const;

  const SealedTable& rows_;
  Table by_token_;
  Table by_user_;
};

inline constexpr HistoryPlace kNewestPlace{UnixTime::max(), 0};  // After every entry.

}  // namespace tokman
