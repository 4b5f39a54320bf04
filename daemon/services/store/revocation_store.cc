#include "daemon/services/store/revocation_store.h"

#include <algorithm>
#include <memory>

#include "libtokman/json/object_reader.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

SecretBytes encode(const CondemnedToken& condemned) {
  return json::Value::object()
      .set("token", condemned.token.reveal())
      .set("app", condemned.app)
      .set("expires_at", std::int64_t{condemned.expires_at.time_since_epoch().count()})
      .dump_secret();
}

Result<CondemnedToken> decode(std::string_view fingerprint, const SecretBytes& bytes) {
  const Result<json::Value> value = json::parse(bytes.reveal(), kJsonDepthMax);
  if (!value.ok()) return value.error();
  CondemnedToken condemned;
  condemned.fingerprint = fingerprint;
  std::int64_t expires_at = 0;
  const Result<Done> read = json::ObjectReader(value.value())
                                .field("token", condemned.token)
                                .field("app", condemned.app)
                                .field("expires_at", expires_at)
                                .finish();
  if (!read.ok()) return read.error();
  condemned.expires_at = UnixTime(std::chrono::seconds(expires_at));
  return condemned;
}

Result<Done> put(WriteTxn& txn, const SealedTable& table, const CondemnedToken& condemned) {
  return table.put(txn, condemned.fingerprint, encode(condemned));
}

CondemnedToken condemn(StoredToken stored) {
  return {stored.fingerprint, std::move(stored.token), stored.app, stored.expires_at};
}

}  // namespace

struct RevocationStore::Burial {
  const SealedTable& revocations;
  const SealedTable& tokens;
  CondemnedTokens known;
  IsDoomed is_doomed;
  std::list<IsDoomed>::iterator place;
  OnBuried callback;
  CondemnedTokens found = {};

  Result<Done> apply(WriteTxn& txn) {
    for (const CondemnedToken& condemned : known) {
      if (Result<Done> done = put(txn, revocations, condemned); !done.ok()) return done;
    }
    return is_doomed ? move_doomed(txn) : Done{};
  }

  Result<Done> move_doomed(WriteTxn& txn) {
    found.clear();
    std::vector<std::string> keys;
    const auto visit = [&](std::string_view key, const Result<SecretBytes>& value) {
      Result<StoredToken> stored = value.ok() ? decode_stored_token(value.value()) : value.error();
      if (!stored.ok() || !is_doomed(stored.value())) return true;
      keys.emplace_back(key);
      found.push_back(condemn(std::move(stored).value()));
      return true;
    };
    if (Result<Done> seen = tokens.for_each(txn, "", visit); !seen.ok()) return seen;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (Result<Done> done = tokens.remove(txn, keys[i]); !done.ok()) return done;
      if (Result<Done> done = put(txn, revocations, found[i]); !done.ok()) return done;
    }
    return Done{};
  }

  CondemnedTokens take_all(bool are_found) {
    if (!are_found) return std::move(known);
    for (CondemnedToken& condemned : found) {
      const bool is_known = std::any_of(known.begin(), known.end(), [&](const auto& other) {
        return other.fingerprint == condemned.fingerprint;
      });
      if (!is_known) known.push_back(std::move(condemned));
    }
    return std::move(known);
  }
};

Result<CondemnedTokens> RevocationStore::load() {
  CondemnedTokens unfinished;
  std::vector<std::string> unreadable;
  const Result<Done> read = store_.read([&](const ReadTxn& txn) {
    return table_.for_each(txn, "", [&](std::string_view key, const Result<SecretBytes>& value) {
      Result<CondemnedToken> condemned = value.ok() ? decode(key, value.value()) : value.error();
      if (!condemned.ok()) return unreadable.emplace_back(key), true;
      expires_at_.emplace(key, condemned.value().expires_at);
      if (!condemned.value().token.empty()) {
        unfinished.push_back(std::move(condemned).value());
      }
      return true;
    });
  });
  if (!read.ok()) return read.error();
  if (!unreadable.empty()) {
    log_.warning("unreadable revocations dropped from the store",
                 {{"count", static_cast<std::int64_t>(unreadable.size())}});
    remove(std::move(unreadable));
  }
  return unfinished;
}

void RevocationStore::bury(CondemnedTokens known, IsDoomed is_doomed, OnBuried callback) {
  for (const CondemnedToken& condemned : known) {
    expires_at_.emplace(condemned.fingerprint, condemned.expires_at);
  }
  being_buried_.push_back(is_doomed);
  const auto burial = std::make_shared<Burial>(Burial{.revocations = table_,
                                                      .tokens = tokens_,
                                                      .known = std::move(known),
                                                      .is_doomed = std::move(is_doomed),
                                                      .place = --being_buried_.end(),
                                                      .callback = std::move(callback)});
  const Result<Done> added = writer_.add(
      {.name = "",
       .apply = [burial](WriteTxn& txn) { return burial->apply(txn); },
       .done = [this, burial](const Result<Done>& outcome) { on_buried(*burial, outcome); }});
  if (!added.ok()) on_buried(*burial, added);
}

void RevocationStore::on_buried(Burial& burial, const Result<Done>& outcome) {
  CondemnedTokens all = burial.take_all(outcome.ok());
  for (const CondemnedToken& condemned : all) {
    expires_at_.emplace(condemned.fingerprint, condemned.expires_at);
  }
  being_buried_.erase(burial.place);
  const OnBuried callback = std::move(burial.callback);
  callback(outcome, std::move(all));
}

void RevocationStore::confirm(const CondemnedToken& token) {
  const auto value = std::make_shared<const CondemnedToken>(
      CondemnedToken{token.fingerprint, {}, token.app, token.expires_at});
  add({.name = "",
       .apply = [&table = table_, value](WriteTxn& txn) { return put(txn, table, *value); }});
}

void RevocationStore::drop_expired(UnixTime now) {
  std::vector<std::string> expired;
  for (const auto& [fingerprint, expires_at] : expires_at_) {
    if (expires_at <= now) expired.push_back(fingerprint);
  }
  std::erase_if(expires_at_, [now](const auto& item) { return item.second <= now; });
  if (!expired.empty()) remove(std::move(expired));
}

void RevocationStore::remove(std::vector<std::string> fingerprints) {
  add({.name = "",
       .apply = [&table = table_,
                 fingerprints = std::move(fingerprints)](WriteTxn& txn) -> Result<Done> {
         for (const std::string& fingerprint : fingerprints) {
           if (Result<Done> done = table.remove(txn, fingerprint); !done.ok()) return done;
         }
         return Done{};
       }});
}

bool RevocationStore::forbids(const StoredToken& stored) const {
  return contains(stored.fingerprint) ||
         std::any_of(being_buried_.begin(), being_buried_.end(),
                     [&](const IsDoomed& is_doomed) { return is_doomed && is_doomed(stored); });
}

void RevocationStore::add(StoreChange change) {
  if (Result<Done> added = writer_.add(std::move(change)); !added.ok()) {
    log_.warning("end of a token not stored", {{"error", added.error().message}});
  }
}

}  // namespace tokman
