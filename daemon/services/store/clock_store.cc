#include "daemon/services/store/clock_store.h"

#include <memory>

#include "daemon/platform/crypto/digest.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

// "-1200"
std::optional<std::chrono::seconds> decode(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const auto number = parse_int(text.substr(is_negative ? 1 : 0));
  if (!number) return std::nullopt;
  return std::chrono::seconds(is_negative ? -*number : *number);
}

}  // namespace

std::optional<std::chrono::seconds> ClockStore::find(std::string_view api_base) {
  const auto value =
      store_.read([&](const ReadTxn& txn) { return table_.get(txn, sha256(api_base)); });
  if (value.ok() && !value.value()) return std::nullopt;
  const auto offset = value.ok() ? decode(value.value()->reveal()) : std::nullopt;
  if (!offset) log_.warning("stored clock offset not usable", {{"api_base", api_base}});
  return offset;
}

void ClockStore::put(std::string_view api_base, std::chrono::seconds offset) {
  const std::string key = sha256(api_base);
  const auto value = std::make_shared<const SecretBytes>(std::to_string(offset.count()));
  const Result<Done> added =
      writer_.add({.name = "", .apply = [&table = table_, key, value](WriteTxn& txn) {
                     return table.put(txn, key, *value);
                   }});
  if (!added.ok()) log_.warning("clock offset not stored", {{"error", added.error().message}});
}

}  // namespace tokman
