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
#include "daemon/services/store/index_entry.h"

namespace tokman {

class HistoryTable {
 public:
  // REQUIRES: database outlives this object.
  explicit HistoryTable(const Database& database)
      : database_(database), rows_(database.sealed(TableId::history)) {}

  Result<Done> append(WriteTxn& txn, const HistoryEntry& entry) const;

  // Also fine if there is none. A row that does not open is removed all the same; index entries of
  // its token and user then stay, and lead nowhere.
  Result<Done> remove(WriteTxn& txn, HistoryPlace place) const;

  // TOKMAN_E_STORE if what is there cannot be read.
  Result<std::optional<HistoryEntry>> find(const ReadTxn& txn, HistoryPlace place) const;

  // A way through the history.
  class Path {
    friend class HistoryTable;
    Path(TableId table, std::string prefix) : table_(table), prefix_(std::move(prefix)) {}
    TableId table_;
    std::string prefix_;
  };
  static Path by_time() { return {TableId::history, ""}; }
  static Path by_token(std::string_view key);
  static Path by_user(std::string_view username);
  static Path by_client(std::string_view id);

  // Calls visit(place) until it returns false: from `start` to older ones, or from the first after
  // `start` to newer ones.
  using Visit = std::function<bool(HistoryPlace)>;
  Result<Done> walk_back(const ReadTxn& txn, const Path& path, HistoryPlace start,
                         const Visit& visit) const;
  Result<Done> walk_forward(const ReadTxn& txn, const Path& path, HistoryPlace start,
                            const Visit& visit) const;

  // What must be in the indices for an entry, and nothing else; and the place that a key of the
  // history or of such an entry ends with.
  static std::vector<IndexEntry> index_entries(HistoryPlace place, const HistoryEntry& entry);
  static std::optional<HistoryPlace> place_in(std::string_view key);

  Result<std::size_t> count(const ReadTxn& txn) const { return txn.count(rows_.as_stored()); }

 private:
  Result<HistoryPlace> next_place(const ReadTxn& txn, UnixTime time) const;
  Table table_of(const Path& path) const;

  const Database& database_;
  const SealedTable& rows_;
};

inline constexpr HistoryPlace kNewestPlace{UnixTime::max(), 0};  // After every entry.

}  // namespace tokman
