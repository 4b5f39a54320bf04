#include "daemon/services/store/token_store.h"

#include <algorithm>
#include <iterator>
#include <memory>

#include "daemon/platform/crypto/digest.h"

namespace tokman {
namespace {

// What one transaction of a sweep did; a sweep is cut into several to keep each of them small.
struct Swept {
  std::int64_t unreadable = 0;
  std::optional<std::string> rest_from;  // The key where the next one goes on; none at the end.
};

Result<Swept> sweep(WriteTxn& txn, const SealedTable& table, const TokenStore::IsDoomed& is_doomed,
                    std::string_view from) {
  Swept swept;
  std::vector<std::string> doomed;
  const auto visit = [&](std::string_view key, const Result<SecretBytes>& value) {
    if (doomed.size() == StoreWriter::kBatchMax) {
      swept.rest_from = key;
      return false;
    }
    const Result<StoredToken> stored =
        value.ok() ? decode_stored_token(value.value()) : value.error();
    if (!stored.ok()) ++swept.unreadable;
    if (!stored.ok() || is_doomed(stored.value())) doomed.emplace_back(key);
    return true;
  };
  if (Result<Done> seen = table.for_each(txn, from, visit); !seen.ok()) return seen.error();
  for (const std::string& key : doomed) {
    if (Result<Done> removed = table.remove(txn, key); !removed.ok()) return removed.error();
  }
  return swept;
}

Error unreadable(Error error) {
  error.code = TOKMAN_E_STORE;
  return within("a stored token cannot be read", std::move(error));
}

// Keys can be longer than LMDB allows, and tell names to whoever reads the file.
std::string key_on_disk(std::string_view key) { return sha256(key); }

std::string change_name(std::string_view key_on_disk) {
  return "tokens:" + std::string(key_on_disk);
}

}  // namespace

Result<std::optional<StoredToken>> TokenStore::find(std::string_view key) {
  const std::string on_disk = key_on_disk(key);
  if (writer_.is_pending(change_name(on_disk))) return std::optional<StoredToken>();
  const Result<std::optional<SecretBytes>> value =
      store_.read([&](const ReadTxn& txn) { return table_.get(txn, on_disk); });
  if (!value.ok()) return unreadable(value.error());
  if (!value.value()) return std::optional<StoredToken>();
  Result<StoredToken> stored = decode_stored_token(*value.value());
  if (!stored.ok()) return unreadable(std::move(stored).error());
  if (revocations_.forbids(stored.value())) return std::optional<StoredToken>();
  if (is_doomed(stored.value())) return std::optional<StoredToken>();
  return std::optional(std::move(stored).value());
}

void TokenStore::put(std::string_view key, const StoredToken& token) {
  const std::string on_disk = key_on_disk(key);
  const auto value = std::make_shared<const SecretBytes>(encode(token));
  add({.name = change_name(on_disk), .apply = [&table = table_, on_disk, value](WriteTxn& txn) {
         return table.put(txn, on_disk, *value);
       }});
}

void TokenStore::drop(std::string_view key) {
  const std::string on_disk = key_on_disk(key);
  add({.name = change_name(on_disk),
       .apply = [&table = table_, on_disk](WriteTxn& txn) { return table.remove(txn, on_disk); }});
}

void TokenStore::drop_expired(UnixTime now) {
  drop_if([now](const StoredToken& stored) { return stored.expires_at <= now; });
}

void TokenStore::drop_if(IsDoomed is_doomed) {
  dooms_.push_back(std::move(is_doomed));
  sweep_from("", std::prev(dooms_.end()));
}

bool TokenStore::is_doomed(const StoredToken& stored) const {
  return std::any_of(dooms_.begin(), dooms_.end(),
                     [&](const IsDoomed& is_doomed) { return is_doomed(stored); });
}

void TokenStore::sweep_from(const std::string& from, Dooms::iterator doom) {
  const auto result = std::make_shared<Swept>();
  const bool is_under_way = add(
      {.name = "",
       .apply = [&table = table_, from, is_doomed = *doom, result](WriteTxn& txn) -> Result<Done> {
         Result<Swept> swept = sweep(txn, table, is_doomed, from);
         if (!swept.ok()) return swept.error();
         *result = std::move(swept).value();
         return Done{};
       },
       .done =
           [this, doom, result](const Result<Done>& outcome) {
             if (result->unreadable > 0) {
               log_.warning("unreadable tokens dropped from the store",
                            {{"count", result->unreadable}});
             }
             if (outcome.ok() && result->rest_from) return sweep_from(*result->rest_from, doom);
             dooms_.erase(doom);
           }});
  if (!is_under_way) dooms_.erase(doom);
}

bool TokenStore::add(StoreChange change) {
  const Result<Done> added = writer_.add(std::move(change));
  if (!added.ok()) log_.warning("token not stored", {{"error", added.error().message}});
  return added.ok();
}

}  // namespace tokman
