#pragma once
// The store on disk: opened, known to be ours, of a version we know, and sealed with our keys.
//
// The store key, which the operator keeps, seals the data keys, which lie in the store and seal its
// values. What does not fit is refused and left as it is; nothing is ever wiped to make it fit.
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/platform/crypto/aead.h"
#include "daemon/platform/lmdb/store.h"
#include "daemon/services/store/data_key_table.h"
#include "daemon/services/store/data_keys.h"
#include "daemon/services/store/sealed_table.h"
#include "daemon/services/store/table_list.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class Database {
 public:
  static constexpr std::size_t kStoreKeyBytesMin = 32;

  // The texts of the key files: any bytes, at least kStoreKeyBytesMin; one newline at the end does
  // not count. One of the previous keys may be what the store is sealed with still.
  struct StoreKeys {
    SecretBytes key;
    std::vector<SecretBytes> previous = {};
  };

  // Makes the folder and the store in it if there is none. Brings an older store up to this
  // version, and seals one that has a previous key with the key.
  static Result<std::unique_ptr<Database>> open(const std::string& folder, const StoreKeys& keys);

  // Whether open() would open what is there, which this does not change. None there is an error.
  static Result<Done> check(const std::string& folder, const StoreKeys& keys);

  Store& store() { return store_; }

  // REQUIRES: the table's values are in clear.
  Table in_clear(TableId id) const { return tables_[static_cast<std::size_t>(id)]; }

  // REQUIRES: the table's values are sealed.
  const SealedTable& sealed(TableId id) const { return *sealed_[static_cast<std::size_t>(id)]; }

  DataKeys& data_keys() { return data_keys_; }
  DataKeyTable data_key_table() { return {in_clear(TableId::meta), sealing_}; }

 private:
  struct Opening;
  enum class Missing : bool { refused, made };

  Database(EnvironmentPtr environment, const SecretBytes& sealing_key)
      : store_(std::move(environment)), sealing_(sealing_key) {}

  static Result<std::unique_ptr<Database>> make(const Opening& opening);
  Result<Done> prepare(WriteTxn& txn, const Opening& opening, Missing missing);
  Result<Done> open_tables(WriteTxn& txn);
  Result<Done> make_new(WriteTxn& txn);
  Result<Done> migrate_from_v1(WriteTxn& txn, const Opening& opening);
  Result<Done> load_data_keys(WriteTxn& txn, const Opening& opening);

  Store store_;
  Aead sealing_;  // Of the data keys.
  DataKeys data_keys_;
  std::array<Table, kTables.size()> tables_;
  std::array<std::optional<SealedTable>, kTables.size()> sealed_;
};

}  // namespace tokman
