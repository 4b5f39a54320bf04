#include "daemon/platform/lmdb/transaction.h"

#include <lmdb.h>

#include "daemon/platform/lmdb/environment.h"

namespace tokman {
namespace {

MDB_val as_val(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};  // LMDB does not write through it.
}

std::string_view as_view(const MDB_val& val) {
  return {static_cast<const char*>(val.mv_data), val.mv_size};
}

struct CloseCursor {
  void operator()(MDB_cursor* cursor) const noexcept { mdb_cursor_close(cursor); }
};
using CursorPtr = std::unique_ptr<MDB_cursor, CloseCursor>;

}  // namespace

void AbortTxn::operator()(MDB_txn* txn) const noexcept { mdb_txn_abort(txn); }

Result<std::optional<std::string_view>> ReadTxn::get(Table table, std::string_view key) const {
  MDB_val wanted = as_val(key);
  MDB_val value = {};
  const int status = mdb_get(txn_.get(), table.handle, &wanted, &value);
  if (status == MDB_NOTFOUND) return std::optional<std::string_view>();
  if (status != 0) return lmdb_error("reading from the store", status);
  return std::optional(as_view(value));
}

Result<Done> ReadTxn::for_each(Table table, std::string_view from, const Visit& visit) const {
  MDB_cursor* raw = nullptr;
  int status = mdb_cursor_open(txn_.get(), table.handle, &raw);
  const CursorPtr cursor(raw);
  MDB_val key = as_val(from);
  MDB_val value = {};
  // LMDB knows no empty key to start from.
  const MDB_cursor_op start = from.empty() ? MDB_FIRST : MDB_SET_RANGE;
  if (status == 0) status = mdb_cursor_get(raw, &key, &value, start);
  while (status == 0 && visit(as_view(key), as_view(value))) {
    status = mdb_cursor_get(raw, &key, &value, MDB_NEXT);
  }
  if (status == 0 || status == MDB_NOTFOUND) return Done{};
  return lmdb_error("reading through the store", status);
}

Result<Done> ReadTxn::for_each_back(Table table, std::string_view below, const Visit& visit) const {
  MDB_cursor* raw = nullptr;
  int status = mdb_cursor_open(txn_.get(), table.handle, &raw);
  const CursorPtr cursor(raw);
  MDB_val key = as_val(below);
  MDB_val value = {};
  // To the first that is not below, and one step back; to the last, if there is none such.
  if (status == 0 && !below.empty()) status = mdb_cursor_get(raw, &key, &value, MDB_SET_RANGE);
  const bool at_end = below.empty() || status == MDB_NOTFOUND;
  if (status == 0 || at_end) {
    status = mdb_cursor_get(raw, &key, &value, at_end ? MDB_LAST : MDB_PREV);
  }
  while (status == 0 && visit(as_view(key), as_view(value))) {
    status = mdb_cursor_get(raw, &key, &value, MDB_PREV);
  }
  if (status == 0 || status == MDB_NOTFOUND) return Done{};
  return lmdb_error("reading back through the store", status);
}

Result<std::size_t> ReadTxn::count(Table table) const {
  MDB_stat facts = {};
  const int status = mdb_stat(txn_.get(), table.handle, &facts);
  if (status != 0) return lmdb_error("counting in the store", status);
  return facts.ms_entries;
}

Result<Table> WriteTxn::open_table(const char* name) {
  Table table;
  const int status = mdb_dbi_open(txn_.get(), name, MDB_CREATE, &table.handle);
  if (Result<Done> opened = outcome("opening a table", status); !opened.ok()) return opened.error();
  return table;
}

Result<Done> WriteTxn::put(Table table, std::string_view key, std::string_view value) {
  MDB_val where = as_val(key);
  MDB_val what = as_val(value);
  return outcome("writing to the store", mdb_put(txn_.get(), table.handle, &where, &what, 0));
}

Result<Done> WriteTxn::remove(Table table, std::string_view key) {
  MDB_val where = as_val(key);
  const int status = mdb_del(txn_.get(), table.handle, &where, nullptr);
  return outcome("removing from the store", status == MDB_NOTFOUND ? 0 : status);
}

Result<Done> WriteTxn::commit() {
  return outcome("committing to the store", mdb_txn_commit(txn_.release()));
}

Result<Done> WriteTxn::outcome(const char* doing, int status) {
  if (status == 0) return Done{};
  map_was_full_ = map_was_full_ || status == MDB_MAP_FULL;
  return lmdb_error(doing, status);
}

}  // namespace tokman
