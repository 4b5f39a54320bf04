#pragma once
// Where the data keys are kept: in the table "meta", under "data-key:NUMBER", sealed with a key
// made from the store key.
//
// So another store key costs a few rows, and another data key a pass over all values.
#include <map>

#include "daemon/platform/crypto/aead.h"
#include "daemon/platform/lmdb/transaction.h"
#include "daemon/services/store/data_keys.h"

namespace tokman {

class DataKeyTable {
 public:
  // REQUIRES: sealing outlives this object.
  DataKeyTable(Table meta, Aead& sealing) : meta_(meta), sealing_(sealing) {}

  // All of them; none in a store that has none. TOKMAN_E_CONFIGURATION if one does not open.
  Result<std::map<DataKeys::Number, SecretBytes>> load(const ReadTxn& txn) const;

  Result<Done> put(WriteTxn& txn, DataKeys::Number number, const SecretBytes& key) const;
  Result<Done> remove_older_than(WriteTxn& txn, DataKeys::Number newest) const;

 private:
  Table meta_;
  Aead& sealing_;
};

}  // namespace tokman
