#include "daemon/services/store/sealed_table.h"

#include "daemon/services/store/length_prefix.h"

namespace tokman {

Result<std::optional<SecretBytes>> SealedTable::get(const ReadTxn& txn,
                                                    std::string_view key) const {
  const auto sealed = txn.get(table_, key);
  if (!sealed.ok()) return sealed.error();
  if (!sealed.value()) return std::optional<SecretBytes>();
  Result<SecretBytes> value = open(key, *sealed.value());
  if (!value.ok()) return value.error();
  return std::optional(std::move(value).value());
}

Result<Done> SealedTable::put(WriteTxn& txn, std::string_view key, const SecretBytes& value) const {
  const Result<std::string> sealed = aead_.seal(value, place(key));
  if (!sealed.ok()) return sealed.error();
  return txn.put(table_, key, sealed.value());
}

Result<Done> SealedTable::remove(WriteTxn& txn, std::string_view key) const {
  return txn.remove(table_, key);
}

Result<Done> SealedTable::for_each(const ReadTxn& txn, std::string_view from,
                                   const Visit& visit) const {
  return txn.for_each(table_, from, [&](std::string_view key, std::string_view sealed) {
    return visit(key, open(key, sealed));
  });
}

Result<SecretBytes> SealedTable::open(std::string_view key, std::string_view sealed) const {
  Result<SecretBytes> value = aead_.open(sealed, place(key));
  if (value.ok()) return value;
  return within("a value in table '" + name_ + "' does not open", std::move(value).error());
}

std::string SealedTable::place(std::string_view key) const { return length_prefixed({name_, key}); }

}  // namespace tokman
