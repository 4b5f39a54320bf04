#include "daemon/services/access/maintenance.h"

#include "daemon/services/access/token_decision.h"

namespace tokman {
namespace {

constexpr std::size_t kRowsMax = StoreJobs::kRowsPerStep;

// Removes `rows_max` at most, and gives how many those were.
Result<std::size_t> remove_rows(WriteTxn& txn, Table table, std::size_t rows_max) {
  std::vector<std::string> keys;
  const Result<Done> seen = txn.for_each(table, "", [&](std::string_view key, std::string_view) {
    if (keys.size() == rows_max) return false;
    keys.emplace_back(key);
    return true;
  });
  if (!seen.ok()) return seen.error();
  for (const std::string& key : keys) {
    if (Result<Done> removed = txn.remove(table, key); !removed.ok()) return removed.error();
  }
  return keys.size();
}

}  // namespace

Maintenance::Maintenance(const World& world)
    : world_(world),
      tokens_(world.database),
      history_(world.database),
      clients_(world.database),
      jobs_(StoreJobs::World{world.writer, world.clock, world.timers}) {}

void Maintenance::start() { work(); }

void Maintenance::stop() {
  running_.reset();
  due_.reset();
}

void Maintenance::work() {
  running_ = expire_tokens([this](const Result<std::int64_t>& expired) { on_expired(expired); });
}

void Maintenance::on_expired(const Result<std::int64_t>& expired) {
  if (!expired.ok()) {
    world_.log.warning("expired tokens not swept", {{"error", expired.error().message}});
  } else if (expired.value() > 0) {
    world_.log.info("expired tokens swept", {{"count", expired.value()}});
  }
  running_ = truncate_history(
      std::nullopt, [this](const Result<std::int64_t>& removed) { on_truncated(removed); });
}

void Maintenance::on_truncated(const Result<std::int64_t>& removed) {
  if (!removed.ok()) {
    world_.log.warning("old history not forgotten", {{"error", removed.error().message}});
  } else if (removed.value() > 0) {
    world_.log.info("old history forgotten", {{"entries", removed.value()}});
  }
  due_ = world_.timers.at(world_.clock.now() + kEvery, [this] { work(); });
}

OperationPtr Maintenance::expire_tokens(Callback callback) {
  const UnixTime now = world_.clock.unix_now();
  return jobs_.run([this, now](WriteTxn& txn) { return expire_some(txn, now); },
                   [this] { world_.epoch.advance(); }, std::move(callback));
}

// One that another has taken with it, because it was made of that, is gone when its turn comes.
Result<StoreJobs::Outcome> Maintenance::expire_some(WriteTxn& txn, UnixTime now) const {
  if (Result<Done> swept = clients_.sweep_logins(txn, "", now); !swept.ok()) return swept.error();
  std::vector<std::string> expired;
  const Result<Done> seen = tokens_.for_each_expired(txn, now, [&](std::string_view key) {
    if (expired.size() == kRowsMax) return false;
    if (tokens_.find(txn, key).ok()) expired.emplace_back(key);
    return true;
  });
  if (!seen.ok()) return seen.error();
  StoreJobs::Outcome outcome{.is_last = expired.size() < kRowsMax};
  for (const std::string& key : expired) {
    const auto token = tokens_.find(txn, key);
    if (!token.ok() || !token.value()) continue;
    TokenEdits edits;
    TokenDecision decision(tokens_, txn, edits, Actor(), now);
    const auto ended = decision.end(token.value()->info, HistoryAction::expire);
    if (!ended.ok()) return ended.error();
    if (Result<Done> done = edits.write_to(txn, tokens_, history_); !done.ok()) return done.error();
    outcome.count += ended.value();
    if (outcome.count >= static_cast<std::int64_t>(kRowsMax)) {
      outcome.is_last = false;
      break;
    }
  }
  return outcome;
}

OperationPtr Maintenance::truncate_history(std::optional<UnixTime> before, Callback callback) {
  const UnixTime oldest = before.value_or(world_.clock.unix_now() - world_.history_keep());
  return jobs_.run([this, oldest](WriteTxn& txn) { return truncate_some(txn, oldest); }, {},
                   std::move(callback));
}

Result<StoreJobs::Outcome> Maintenance::truncate_some(WriteTxn& txn, UnixTime before) const {
  std::vector<HistoryPlace> old;
  const Result<Done> seen =
      history_.walk_forward(txn, history_.by_time(), {}, [&](HistoryPlace place) {
        if (place.time >= before || old.size() == kRowsMax) return false;
        old.push_back(place);
        return true;
      });
  if (!seen.ok()) return seen.error();
  for (const HistoryPlace place : old) {
    if (Result<Done> done = history_.remove(txn, place); !done.ok()) return done.error();
  }
  return StoreJobs::Outcome{static_cast<std::int64_t>(old.size()), old.size() < kRowsMax};
}

OperationPtr Maintenance::delete_all_tokens(const Actor& actor, History history,
                                            Callback callback) {
  const UnixTime now = world_.clock.unix_now();
  const auto step = [this, actor, now, history](WriteTxn& txn) -> Result<StoreJobs::Outcome> {
    auto deleted = delete_some(txn, actor, now);
    if (!deleted.ok() || !deleted.value().is_last) return deleted;
    const auto emptied = empty_tables(txn, history);
    if (!emptied.ok()) return emptied.error();
    return StoreJobs::Outcome{deleted.value().count, emptied.value().is_last};
  };
  return jobs_.run(
      step, [this] { world_.epoch.advance(); }, std::move(callback));
}

Result<StoreJobs::Outcome> Maintenance::delete_some(WriteTxn& txn, const Actor& actor,
                                                    UnixTime now) const {
  TokenEdits edits;
  const auto visit = [&](std::string_view, AccessTokenInfo info) {
    edits.history.push_back(
        {.time = now, .action = HistoryAction::revoke, .actor = actor, .token = info});
    edits.ended.push_back(std::move(info));
    return edits.ended.size() < kRowsMax;
  };
  if (Result<Done> seen = tokens_.for_each_newest(txn, "", "", visit); !seen.ok()) {
    return seen.error();
  }
  if (Result<Done> done = edits.write_to(txn, tokens_, history_); !done.ok()) return done.error();
  return StoreJobs::Outcome{static_cast<std::int64_t>(edits.ended.size()),
                            edits.ended.size() < kRowsMax};
}

// REQUIRES: no token is left that can be read. What else is there leads nowhere.
Result<StoreJobs::Outcome> Maintenance::empty_tables(WriteTxn& txn, History history) const {
  Database& database = world_.database;
  std::vector<Table> tables = {database.sealed(TableId::client_logins).as_stored(),
                               database.sealed(TableId::access_tokens).as_stored()};
  for (const TableId id :
       {TableId::by_user, TableId::by_name, TableId::by_parent, TableId::by_expiry}) {
    tables.push_back(database.in_clear(id));
  }
  if (history == History::forget) {
    tables.push_back(database.sealed(TableId::history).as_stored());
    tables.push_back(database.in_clear(TableId::history_by_token));
    tables.push_back(database.in_clear(TableId::history_by_user));
  }
  std::size_t left = kRowsMax;
  for (const Table table : tables) {
    const auto removed = remove_rows(txn, table, left);
    if (!removed.ok()) return removed.error();
    left -= removed.value();
  }
  return StoreJobs::Outcome{.is_last = left > 0};
}

}  // namespace tokman
