#include "daemon/services/store/clock_store.h"

#include <memory>

#include "daemon/platform/crypto/digest.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

std::optional<std::int64_t> parse_signed(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  const auto number = parse_int(text.substr(is_negative ? 1 : 0));
  if (!number) return std::nullopt;
  return is_negative ? -*number : *number;
}

// "-1200" or "-1200 1764000000000 BOOT-ID": seconds of the wall clock, milliseconds of that boot's.
std::string encode(const LearnedClock& learned, const std::string& boot_id) {
  std::string text = std::to_string(learned.offset.count());
  if (learned.ahead_of_boot && !boot_id.empty()) {
    text += " " + std::to_string(learned.ahead_of_boot->count()) + " " + boot_id;
  }
  return text;
}

std::optional<LearnedClock> decode(std::string_view text, const std::string& boot_id) {
  const auto offset_end = std::min(text.find(' '), text.size());
  const auto offset = parse_signed(text.substr(0, offset_end));
  if (!offset) return std::nullopt;
  LearnedClock learned{.offset = std::chrono::seconds(*offset), .ahead_of_boot = std::nullopt};
  const std::string_view rest = text.substr(offset_end);
  if (!boot_id.empty() && rest.ends_with(" " + boot_id)) {
    const auto ahead = parse_signed(rest.substr(1, rest.size() - boot_id.size() - 2));
    if (ahead) learned.ahead_of_boot = std::chrono::milliseconds(*ahead);
  }
  return learned;
}

}  // namespace

std::optional<LearnedClock> ClockStore::find(std::string_view api_base) {
  const auto value =
      store_.read([&](const ReadTxn& txn) { return table_.get(txn, sha256(api_base)); });
  if (value.ok() && !value.value()) return std::nullopt;
  const auto learned = value.ok() ? decode(value.value()->reveal(), boot_id_) : std::nullopt;
  if (!learned) log_.warning("stored clock offset not usable", {{"api_base", api_base}});
  return learned;
}

void ClockStore::put(std::string_view api_base, const LearnedClock& learned) {
  const std::string key = sha256(api_base);
  const auto value = std::make_shared<const SecretBytes>(encode(learned, boot_id_));
  const Result<Done> added =
      writer_.add({.name = "", .apply = [&table = table_, key, value](WriteTxn& txn) {
                     return table.put(txn, key, *value);
                   }});
  if (!added.ok()) log_.warning("clock offset not stored", {{"error", added.error().message}});
}

}  // namespace tokman
