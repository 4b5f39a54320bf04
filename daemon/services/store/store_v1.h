#pragma once
// What is left of the first version of the store: how to read it, to bring it up to date.
//
// It had no data keys: a key made from the store key sealed the values, and a row "key-check".
#include "daemon/platform/crypto/aead.h"
#include "daemon/platform/lmdb/transaction.h"
#include "daemon/services/store/sealed_table.h"

namespace tokman::store_v1 {

inline constexpr int kVersion = 1;
inline constexpr std::string_view kKeyInfo = "tokman store v1";

Result<bool> is_its_key(const ReadTxn& txn, Table meta, Aead& key);
Result<Done> remove_key_check(WriteTxn& txn, Table meta);

// A table's values as they were sealed then.
struct SealedValues {
  Table table;
  const char* name;
  Aead& key;

  // Seals them as they are sealed now. What does not open stays, and does not open then either.
  // REQUIRES: `sealed` is the same table.
  Result<Done> move_to(WriteTxn& txn, const SealedTable& sealed) const;
};

}  // namespace tokman::store_v1
