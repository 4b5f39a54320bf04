#include "daemon/services/store/data_key_table.h"

#include <limits>
#include <string>
#include <vector>

#include "daemon/services/store/length_prefix.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::string_view kPrefix = "data-key:";

std::string row_of(DataKeys::Number number) {
  return std::string(kPrefix) + std::to_string(number);
}

std::string place_of(std::string_view row) { return length_prefixed({"meta", row}); }

// 0 if it is no row of a data key.
DataKeys::Number number_of(std::string_view row) {
  const auto number = parse_int(row.substr(kPrefix.size()));
  const bool fits = number && *number <= std::numeric_limits<DataKeys::Number>::max();
  return fits ? static_cast<DataKeys::Number>(*number) : 0;
}

Result<std::map<DataKeys::Number, std::string>> read_rows(const ReadTxn& txn, Table meta) {
  std::map<DataKeys::Number, std::string> rows;
  const auto visit = [&rows](std::string_view row, std::string_view sealed) {
    if (!row.starts_with(kPrefix)) return false;
    rows.emplace(number_of(row), sealed);
    return true;
  };
  if (Result<Done> read = txn.for_each(meta, kPrefix, visit); !read.ok()) return read.error();
  return rows;
}

}  // namespace

Result<std::map<DataKeys::Number, SecretBytes>> DataKeyTable::load(const ReadTxn& txn) const {
  const auto rows = read_rows(txn, meta_);
  if (!rows.ok()) return rows.error();
  std::map<DataKeys::Number, SecretBytes> keys;
  for (const auto& [number, sealed] : rows.value()) {
    Result<SecretBytes> key = sealing_.open(sealed, place_of(row_of(number)));
    if (!key.ok() || key.value().size() != kAeadKeyBytes) {
      return Error{TOKMAN_E_CONFIGURATION, "data key " + std::to_string(number) + " does not open"};
    }
    keys.emplace(number, std::move(key).value());
  }
  return keys;
}

Result<Done> DataKeyTable::put(WriteTxn& txn, DataKeys::Number number,
                               const SecretBytes& key) const {
  const std::string row = row_of(number);
  const Result<std::string> sealed = sealing_.seal(key, place_of(row));
  if (!sealed.ok()) return sealed.error();
  return txn.put(meta_, row, sealed.value());
}

Result<Done> DataKeyTable::remove_older_than(WriteTxn& txn, DataKeys::Number newest) const {
  const auto rows = read_rows(txn, meta_);
  if (!rows.ok()) return rows.error();
  for (const auto& [number, sealed] : rows.value()) {
    if (number >= newest) break;
    if (Result<Done> removed = txn.remove(meta_, row_of(number)); !removed.ok()) return removed;
  }
  return Done{};
}

}  // namespace tokman
