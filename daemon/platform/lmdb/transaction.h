#pragma once
// LMDB's transactions, as two types: a function that takes a ReadTxn& only reads, one that takes a
// WriteTxn& may change things.
//
// Only Store makes them, for the length of one call, so none can be kept or forgotten. Destroying
// one undoes what it did.
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "libtokman/base/result.h"

struct MDB_txn;

namespace tokman {

// An open table; good for as long as the Store.
struct Table {
  unsigned handle = 0;
};

struct AbortTxn {
  void operator()(MDB_txn* txn) const noexcept;
};

class ReadTxn {
 public:
  // The view ends with the transaction, and with the next change in it.
  Result<std::optional<std::string_view>> get(Table table, std::string_view key) const;

  // Calls visit(key, value) in the order of the keys, from the first that is not below `from`,
  // until it returns false. The views end with the call; visit must not change the table.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  Result<Done> for_each(Table table, std::string_view from, const Visit& visit) const;
  // The same backwards, from the last key that is below `below`; "" begins at the last of all.
  Result<Done> for_each_back(Table table, std::string_view below, const Visit& visit) const;

  Result<std::size_t> count(Table table) const;  // Entries; costs nothing.

 protected:
  explicit ReadTxn(MDB_txn* txn) : txn_(txn) {}

  std::unique_ptr<MDB_txn, AbortTxn> txn_;

 private:
  friend class Store;
};

class WriteTxn : public ReadTxn {
 public:
  // Makes the table if it is missing. It is there for other transactions once this one is
  // committed.
  Result<Table> open_table(const char* name);

  // Replaces what is there. REQUIRES: 1 <= key.size() <= 511, else it fails.
  Result<Done> put(Table table, std::string_view key, std::string_view value);

  // Also fine if there is none.
  Result<Done> remove(Table table, std::string_view key);

 private:
  friend class Store;
  using ReadTxn::ReadTxn;

  Result<Done> commit();
  bool map_was_full() const { return map_was_full_; }
  Result<Done> outcome(const char* doing, int status);

  bool map_was_full_ = false;
};

}  // namespace tokman
