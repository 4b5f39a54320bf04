#include "daemon/services/store/history_table.h"

#include <algorithm>

#include "daemon/platform/crypto/digest.h"
#include "daemon/services/store/big_endian.h"
#include "daemon/services/store/history_row.h"

namespace tokman {
namespace {

constexpr std::size_t kPlaceBytes = 2 * kBigEndianBytes;

std::string key_of(HistoryPlace place) { return big_endian(place.time) + big_endian(place.number); }

std::optional<HistoryPlace> place_of(std::string_view key) {
  if (key.size() != kPlaceBytes) return std::nullopt;
  return HistoryPlace{read_big_endian_time(key), read_big_endian(key.substr(kBigEndianBytes))};
}

HistoryPlace after(HistoryPlace place) { return {place.time, place.number + 1}; }

}  // namespace

// An entry is never older than the last one: pages would shift if it were put among those that
// have been read.
Result<HistoryPlace> HistoryTable::next_place(const ReadTxn& txn, UnixTime time) const {
  HistoryPlace last;
  const auto visit = [&](HistoryPlace place) {
    last = place;
    return false;
  };
  const Result<Done> seen = walk_back(txn, by_time(), kNewestPlace, visit);
  if (!seen.ok()) return seen.error();
  return HistoryPlace{std::max(last.time, time), last.number + 1};
}

Result<Done> HistoryTable::append(WriteTxn& txn, const HistoryEntry& entry) const {
  const Result<HistoryPlace> place = next_place(txn, entry.time);
  if (!place.ok()) return place.error();
  const std::string key = key_of(place.value());
  if (Result<Done> put = rows_.put(txn, key, encode(entry)); !put.ok()) return put;
  for (const IndexEntry& index : index_entries(place.value(), entry)) {
    Result<Done> put = txn.put(database_.in_clear(index.table), index.key, index.value);
    if (!put.ok()) return put;
  }
  return Done{};
}

Result<Done> HistoryTable::remove(WriteTxn& txn, HistoryPlace place) const {
  const std::string key = key_of(place);
  const auto entry = find(txn, place);
  if (entry.ok() && entry.value()) {
    for (const IndexEntry& index : index_entries(place, *entry.value())) {
      Result<Done> gone = txn.remove(database_.in_clear(index.table), index.key);
      if (!gone.ok()) return gone;
    }
  }
  return rows_.remove(txn, key);
}

Result<std::optional<HistoryEntry>> HistoryTable::find(const ReadTxn& txn,
                                                       HistoryPlace place) const {
  const auto value = rows_.get(txn, key_of(place));
  if (!value.ok()) return value.error();
  if (!value.value()) return std::optional<HistoryEntry>();
  Result<HistoryEntry> entry = decode_history_entry(*value.value());
  if (!entry.ok()) {
    return Error{TOKMAN_E_STORE, "an entry of the history: " + entry.error().message};
  }
  entry.value().time = place.time;
  return std::optional(std::move(entry).value());
}

HistoryTable::Path HistoryTable::by_token(std::string_view key) {
  return {TableId::history_by_token, std::string(key)};
}

HistoryTable::Path HistoryTable::by_user(std::string_view username) {
  return {TableId::history_by_user, sha256(username)};
}

// No user's name has a colon.
HistoryTable::Path HistoryTable::by_client(std::string_view id) {
  return by_user("client:" + std::string(id));
}

std::vector<IndexEntry> HistoryTable::index_entries(HistoryPlace place, const HistoryEntry& entry) {
  std::vector<Path> paths;
  if (entry.kind == HistoryKind::client) {
    paths = {by_client(entry.client)};
  } else {
    paths = {by_user(entry.token.username), by_token(entry.token.key)};
    if (!entry.token.parent.empty()) paths.push_back(by_token(entry.token.parent));
  }
  std::vector<IndexEntry> entries;
  for (const Path& path : paths) entries.push_back({path.table_, path.prefix_ + key_of(place)});
  return entries;
}

std::optional<HistoryPlace> HistoryTable::place_in(std::string_view key) {
  if (key.size() < kPlaceBytes) return std::nullopt;
  return place_of(key.substr(key.size() - kPlaceBytes));
}

Table HistoryTable::table_of(const Path& path) const {
  return path.table_ == TableId::history ? rows_.as_stored() : database_.in_clear(path.table_);
}

Result<Done> HistoryTable::walk_back(const ReadTxn& txn, const Path& path, HistoryPlace start,
                                     const Visit& visit) const {
  const std::string below = path.prefix_ + key_of(after(start));
  return txn.for_each_back(table_of(path), below, [&](std::string_view key, std::string_view) {
    if (!key.starts_with(path.prefix_)) return false;
    const auto place = place_of(key.substr(path.prefix_.size()));
    return !place || visit(*place);
  });
}

Result<Done> HistoryTable::walk_forward(const ReadTxn& txn, const Path& path, HistoryPlace start,
                                        const Visit& visit) const {
  const std::string from = path.prefix_ + key_of(after(start));
  return txn.for_each(table_of(path), from, [&](std::string_view key, std::string_view) {
    if (!key.starts_with(path.prefix_)) return false;
    const auto place = place_of(key.substr(path.prefix_.size()));
    return !place || visit(*place);
  });
}

}  // namespace tokman
