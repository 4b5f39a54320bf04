#include "daemon/services/store/store_v1.h"

#include <string>
#include <utility>
#include <vector>

#include "daemon/services/store/length_prefix.h"

namespace tokman::store_v1 {
namespace {

constexpr std::string_view kKeyCheck = "key-check";

}  // namespace

Result<bool> is_its_key(const ReadTxn& txn, Table meta, Aead& key) {
  const auto check = txn.get(meta, kKeyCheck);
  if (!check.ok()) return check.error();
  return check.value() && key.open(*check.value(), length_prefixed({"meta", kKeyCheck})).ok();
}

Result<Done> remove_key_check(WriteTxn& txn, Table meta) { return txn.remove(meta, kKeyCheck); }

Result<Done> SealedValues::move_to(WriteTxn& txn, const SealedTable& sealed) const {
  std::vector<std::pair<std::string, SecretBytes>> values;
  const auto visit = [&](std::string_view where, std::string_view bytes) {
    Result<SecretBytes> value = key.open(bytes, length_prefixed({name, where}));
    if (value.ok()) values.emplace_back(where, std::move(value).value());
    return true;
  };
  if (Result<Done> read = txn.for_each(table, "", visit); !read.ok()) return read;
  for (const auto& [where, value] : values) {
    if (Result<Done> put = sealed.put(txn, where, value); !put.ok()) return put;
  }
  return Done{};
}

}  // namespace tokman::store_v1
