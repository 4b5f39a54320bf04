#pragma once
// A table whose values only this daemon can read, and only where it put them.
//
// Each value is sealed with the newest data key; table name and key are its associated data. So a
// value that was changed on disk, or copied to another key or table, does not open: TOKMAN_E_STORE.
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/platform/lmdb/transaction.h"
#include "daemon/services/store/data_keys.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class SealedTable {
 public:
  // REQUIRES: keys outlive this object.
  SealedTable(Table table, std::string name, DataKeys& keys)
      : table_(table), name_(std::move(name)), keys_(keys) {}

  Result<std::optional<SecretBytes>> get(const ReadTxn& txn, std::string_view key) const;
  Result<Done> put(WriteTxn& txn, std::string_view key, const SecretBytes& value) const;
  Result<Done> remove(WriteTxn& txn, std::string_view key) const;

  // As ReadTxn::for_each. A value that does not open is visited as an Error.
  using Visit = std::function<bool(std::string_view key, Result<SecretBytes> value)>;
  Result<Done> for_each(const ReadTxn& txn, std::string_view from, const Visit& visit) const;

  // The table as it lies in the file: its keys are in clear, and can be walked without opening
  // what they stand for.
  Table as_stored() const { return table_; }

  // How much of a table one call goes through.
  struct Stretch {
    std::size_t seen_max = 0;
    std::size_t resealed_max = 0;
  };
  struct Resealed {
    std::size_t resealed = 0;
    std::size_t unreadable = 0;            // With no key that there is; left as they are.
    std::optional<std::string> rest_from;  // The key where the next call goes on; none at the end.
  };
  // Seals with the newest data key what an older one sealed.
  Result<Resealed> reseal(WriteTxn& txn, std::string_view from, Stretch stretch) const;

 private:
  Result<SecretBytes> open(std::string_view key, std::string_view sealed) const;
  std::string place(std::string_view key) const;

  Table table_;
  std::string name_;
  DataKeys& keys_;
};

}  // namespace tokman
