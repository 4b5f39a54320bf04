#include "daemon/services/store/sealed_table.h"

#include <utility>
#include <vector>

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
  const Result<std::string> sealed = keys_.seal(value, place(key));
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

Result<SealedTable::Resealed> SealedTable::reseal(WriteTxn& txn, std::string_view from,
                                                  Stretch stretch) const {
  Resealed outcome;
  std::size_t seen = 0;
  std::vector<std::pair<std::string, std::string>> outdated;
  const auto visit = [&](std::string_view key, std::string_view sealed) {
    if (seen == stretch.seen_max || outdated.size() == stretch.resealed_max) {
      outcome.rest_from = key;
      return false;
    }
    ++seen;
    if (!keys_.is_newest_of(sealed)) outdated.emplace_back(key, sealed);
    return true;
  };
  if (Result<Done> read = txn.for_each(table_, from, visit); !read.ok()) return read.error();
  for (const auto& [key, sealed] : outdated) {
    const Result<SecretBytes> value = keys_.open(sealed, place(key));
    if (!value.ok()) {
      ++outcome.unreadable;
      continue;
    }
    if (Result<Done> written = put(txn, key, value.value()); !written.ok()) return written.error();
    ++outcome.resealed;
  }
  return outcome;
}

Result<SecretBytes> SealedTable::open(std::string_view key, std::string_view sealed) const {
  Result<SecretBytes> value = keys_.open(sealed, place(key));
  if (value.ok()) return value;
  return within("a value in table '" + name_ + "' does not open", std::move(value).error());
}

std::string SealedTable::place(std::string_view key) const { return length_prefixed({name_, key}); }

}  // namespace tokman
