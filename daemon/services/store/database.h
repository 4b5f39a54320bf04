#pragma once
// The store on disk: opened, known to be ours, of a version we know, and sealed with our key.
//
// What does not fit is refused and left as it is; nothing is ever wiped to make it fit.
#include <array>
#include <memory>
#include <optional>
#include <string>

#include "daemon/platform/crypto/aead.h"
#include "daemon/platform/lmdb/store.h"
#include "daemon/services/store/sealed_table.h"
#include "daemon/services/store/table_list.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class Database {
 public:
  static constexpr std::size_t kStoreKeyBytesMin = 32;

  // Makes the folder and the store in it if there is none. `store_key` is the text of the key file:
  // any bytes, at least kStoreKeyBytesMin; one newline at its end does not count.
  static Result<std::unique_ptr<Database>> open(const std::string& folder,
                                                const SecretBytes& store_key);

  Store& store() { return store_; }

  // REQUIRES: the table's values are in clear.
  Table in_clear(TableId id) const { return tables_[static_cast<std::size_t>(id)]; }

  // REQUIRES: the table's values are sealed.
  const SealedTable& sealed(TableId id) const { return *sealed_[static_cast<std::size_t>(id)]; }

 private:
  Database(EnvironmentPtr environment, const SecretBytes& key)
      : store_(std::move(environment)), aead_(key) {}

  Result<Done> prepare(WriteTxn& txn, const std::string& folder);
  Result<Done> open_tables(WriteTxn& txn);
  Result<Done> check_version(const ReadTxn& txn, const std::string& folder) const;
  Result<Done> check_key(const ReadTxn& txn, const std::string& folder);
  Result<Done> write_meta(WriteTxn& txn);
  SealedTable meta_sealed();

  Store store_;
  Aead aead_;
  std::array<Table, kTables.size()> tables_;
  std::array<std::optional<SealedTable>, kTables.size()> sealed_;
};

}  // namespace tokman
