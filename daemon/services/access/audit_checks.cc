#include "daemon/services/access/audit_checks.h"

#include <algorithm>
#include <array>

#include "daemon/services/access/token_decision.h"
#include "daemon/services/store/store_jobs.h"
#include "daemon/services/store/stored_token.h"

namespace tokman {
namespace {

constexpr std::size_t kGenerationsMax = 32;  // More than that are no ancestors but a circle.
constexpr std::chrono::hours kGithubTokenSpare{1};

std::string table_name(TableId table) { return kTables[static_cast<std::size_t>(table)].name; }

AuditFinding finding(const char* check, TableId table, std::string_view key, std::string detail) {
  return {check, table_name(table), std::string(key), std::move(detail)};
}

// All keys of indices but those of names end with the token's.
std::optional<std::string> token_key_in(TableId table, std::string_view key,
                                        std::string_view value) {
  const std::string_view in = table == TableId::by_name ? value : key;
  if (in.size() < kAccessTokenPartChars) return std::nullopt;
  return std::string(in.substr(in.size() - kAccessTokenPartChars));
}

bool contains(const std::vector<IndexEntry>& entries, TableId table, std::string_view key,
              std::string_view value) {
  return std::any_of(entries.begin(), entries.end(), [&](const IndexEntry& entry) {
    return entry.table == table && entry.key == key && entry.value == value;
  });
}

std::string date_text(const std::optional<UnixTime>& time) {
  return time ? std::to_string(time->time_since_epoch().count()) : "never";
}

// Keys of some tables are raw bytes.
std::string printable(std::string_view key) {
  std::string text;
  for (const char byte : key) text += byte > ' ' && byte < '\x7f' ? byte : '.';
  return text;
}

std::string place_text(HistoryPlace place) {
  return std::to_string(place.time.time_since_epoch().count()) + "_" + std::to_string(place.number);
}

}  // namespace

struct AuditChecks::Pass {
  TableId table;
  void (AuditChecks::*check)(const ReadTxn&, const Row&, Step&) const;
};

// Indices come before their records: what leads to a record that cannot be read goes with it.
const std::vector<AuditChecks::Pass>& AuditChecks::passes() {
  static const std::vector<Pass> kAll = {
      {TableId::by_user, &AuditChecks::check_token_index},
      {TableId::by_name, &AuditChecks::check_token_index},
      {TableId::by_parent, &AuditChecks::check_token_index},
      {TableId::by_expiry, &AuditChecks::check_token_index},
      {TableId::access_tokens, &AuditChecks::check_token},
      {TableId::history_by_token, &AuditChecks::check_history_index},
      {TableId::history_by_user, &AuditChecks::check_history_index},
      {TableId::history, &AuditChecks::check_history},
      {TableId::client_logins, &AuditChecks::check_login},
      {TableId::clients, &AuditChecks::check_client},
      {TableId::tokens, &AuditChecks::check_github_token},
      {TableId::installations, &AuditChecks::check_opens},
      {TableId::revocations, &AuditChecks::check_opens},
      {TableId::clocks, &AuditChecks::check_opens},
  };
  return kAll;
}

AuditChecks::AuditChecks(Database& database, AuditTerms terms)
    : database_(database),
      tokens_(database),
      history_(database),
      clients_(database),
      terms_(std::move(terms)) {}

Result<AuditChecks::Step> AuditChecks::look(const ReadTxn& txn, const Position& from) const {
  const Pass& pass = passes()[from.pass];
  Step step;
  std::size_t looked_at = 0;
  const Result<Done> seen =
      txn.for_each(stored(pass.table), from.key, [&](std::string_view key, std::string_view value) {
        if (looked_at++ == StoreJobs::kRowsPerStep) {
          step.next = Position{from.pass, std::string(key)};
          return false;
        }
        (this->*pass.check)(txn, {pass.table, key, value}, step);
        return true;
      });
  if (!seen.ok()) return seen.error();
  if (!step.next && from.pass + 1 < passes().size()) step.next = Position{from.pass + 1};
  return step;
}

void AuditChecks::check_token_index(const ReadTxn& txn, const Row& row, Step& step) const {
  const auto key = token_key_in(row.table, row.key, row.value);
  const auto record =
      key ? tokens_.find(txn, *key) : Result<std::optional<AccessTokenRecord>>(std::nullopt);
  if (!record.ok()) {
    step.found.push_back({std::nullopt, remove_row(row)});
  } else if (!record.value()) {
    step.found.push_back({finding("A4", TableId::access_tokens, key.value_or(printable(row.key)),
                                  table_name(row.table) + " leads to no token"),
                          remove_row(row)});
  } else if (!contains(AccessTokenTable::index_entries(record.value()->info), row.table, row.key,
                       row.value)) {
    step.found.push_back({finding("A5", TableId::access_tokens, *key,
                                  table_name(row.table) + " says something else than the token"),
                          remove_row(row)});
  }
}

void AuditChecks::check_token(const ReadTxn& txn, const Row& row, Step& step) const {
  const auto record = tokens_.find(txn, row.key);
  if (record.ok()) {
    const AccessTokenInfo& info = record.value()->info;
    check_index_entries(txn, row.key, AccessTokenTable::index_entries(info), row.table, step);
    check_secret(*record.value(), step);
    check_ancestors(txn, info, step);
    return check_scopes(info, step);
  }
  HistoryEntry ended = entry(HistoryAction::revoke, {}, "the audit could not read the token");
  ended.token.key = row.key;
  step.found.push_back({finding("A1", row.table, row.key, record.error().message),
                        [this, remove = remove_row(row), ended](WriteTxn& fixing) -> Result<Done> {
                          if (Result<Done> removed = remove(fixing); !removed.ok()) return removed;
                          return history_.append(fixing, ended);
                        }});
}

void AuditChecks::check_secret(const AccessTokenRecord& record, Step& step) const {
  const bool is_delegated =
      record.info.type == TokenType::notebook || record.info.type == TokenType::internal;
  if (!is_delegated || !record.secret.empty() || !record.info.is_alive(terms_.now)) return;
  step.found.push_back({finding("A2", TableId::access_tokens, record.info.key,
                                "it is to be handed out again, and its secret is not there"),
                        shorten(record.info.key, terms_.now)});
}

// The earliest end among those it descends from: so that one audit mends a whole family.
void AuditChecks::check_ancestors(const ReadTxn& txn, const AccessTokenInfo& info,
                                  Step& step) const {
  std::optional<UnixTime> end;
  std::string parent = info.parent;
  for (std::size_t i = 0; !parent.empty() && i < kGenerationsMax; ++i) {
    const auto found = tokens_.find(txn, parent);
    if (!found.ok() || !found.value()) break;
    const AccessTokenInfo& ancestor = found.value()->info;
    if (ancestor.expires) end = end ? std::min(*end, *ancestor.expires) : *ancestor.expires;
    parent = ancestor.parent;
  }
  if (!info.parent.empty() && parent == info.parent) {
    step.found.push_back({finding("A7", TableId::access_tokens, info.key,
                                  "its parent " + info.parent + " is not there"),
                          terms_.ends_orphans ? end_subtree(info.key) : Fix()});
  }
  if (!end || (info.expires && *info.expires <= *end)) return;
  step.found.push_back({finding("A6", TableId::access_tokens, info.key,
                                "it expires at " + date_text(info.expires) +
                                    ", and what it was made of at " + date_text(end)),
                        shorten(info.key, *end)});
}

void AuditChecks::check_scopes(const AccessTokenInfo& info, Step& step) const {
  std::string unknown;
  for (const std::string& scope : info.scopes) {
    if (!terms_.scopes.contains(scope)) unknown += (unknown.empty() ? "" : ", ") + scope;
  }
  if (unknown.empty()) return;
  step.found.push_back(
      {finding("A8", TableId::access_tokens, info.key, "unknown scopes: " + unknown), Fix()});
}

void AuditChecks::check_index_entries(const ReadTxn& txn, std::string_view key,
                                      const std::vector<IndexEntry>& entries, TableId table,
                                      Step& step) const {
  for (const IndexEntry& wanted : entries) {
    const auto there = txn.get(database_.in_clear(wanted.table), wanted.key);
    if (!there.ok() || (there.value() && *there.value() == wanted.value)) continue;
    // A name that leads to another token: which of the two has it, nobody can tell.
    const bool is_taken = there.value().has_value();
    const Fix put = [this, wanted](WriteTxn& fixing) {
      return fixing.put(database_.in_clear(wanted.table), wanted.key, wanted.value);
    };
    step.found.push_back(
        {finding("A5", table, key,
                 table_name(wanted.table) + (is_taken ? " leads to another" : " does not have it")),
         is_taken ? Fix() : put});
  }
}

void AuditChecks::check_history_index(const ReadTxn& txn, const Row& row, Step& step) const {
  const auto place = HistoryTable::place_in(row.key);
  const auto found =
      place ? history_.find(txn, *place) : Result<std::optional<HistoryEntry>>(std::nullopt);
  if (!found.ok()) {
    step.found.push_back({std::nullopt, remove_row(row)});
    return;
  }
  const bool is_there = found.value().has_value();
  if (is_there && contains(HistoryTable::index_entries(*place, *found.value()), row.table, row.key,
                           row.value)) {
    return;
  }
  step.found.push_back(
      {finding(is_there ? "A5" : "A4", TableId::history, place ? place_text(*place) : "",
               table_name(row.table) +
                   (is_there ? " says something else than the entry" : " leads to no entry")),
       remove_row(row)});
}

void AuditChecks::check_history(const ReadTxn& txn, const Row& row, Step& step) const {
  const auto place = HistoryTable::place_in(row.key);
  const auto found =
      place ? history_.find(txn, *place) : Result<std::optional<HistoryEntry>>(std::nullopt);
  if (!found.ok() || !found.value()) {
    step.found.push_back(
        {finding("A1", row.table, place ? place_text(*place) : printable(row.key),
                 found.ok() ? "it has no place in the history" : found.error().message),
         remove_row(row)});
    return;
  }
  check_index_entries(txn, place_text(*place), HistoryTable::index_entries(*place, *found.value()),
                      row.table, step);
}

void AuditChecks::check_client(const ReadTxn& txn, const Row& row, Step& step) const {
  const auto client = clients_.find(txn, row.key);
  if (client.ok()) return;
  HistoryEntry ended = entry(HistoryAction::revoke, {}, "the audit could not read the client");
  ended.kind = HistoryKind::client;
  ended.client = row.key;
  step.found.push_back({finding("A1", row.table, row.key, client.error().message),
                        [this, remove = remove_row(row), ended](WriteTxn& fixing) -> Result<Done> {
                          if (Result<Done> removed = remove(fixing); !removed.ok()) return removed;
                          return history_.append(fixing, ended);
                        }});
}

// One of a client that cannot be read goes with it.
void AuditChecks::check_login(const ReadTxn& txn, const Row& row, Step& step) const {
  const std::string_view id = row.key.substr(0, row.key.find('\0'));
  const auto client = clients_.find(txn, id);
  if (!client.ok()) {
    step.found.push_back({std::nullopt, remove_row(row)});
  } else if (!client.value()) {
    step.found.push_back({finding("A10", row.table, printable(row.key), "there is no such client"),
                          remove_row(row)});
  } else {
    check_opens(txn, row, step);
  }
}

void AuditChecks::check_github_token(const ReadTxn& txn, const Row& row, Step& step) const {
  const auto value = database_.sealed(row.table).get(txn, row.key);
  const Result<StoredToken> token =
      value.ok() ? decode_stored_token(*value.value()) : Result<StoredToken>(value.error());
  if (!token.ok()) {
    step.found.push_back({finding("A1", row.table, "", token.error().message), remove_row(row)});
    return;
  }
  const bool is_unknown = !terms_.apps.contains(token.value().app);
  if (!is_unknown && token.value().expires_at + kGithubTokenSpare >= terms_.now) return;
  step.found.push_back({finding("A9", row.table, token.value().fingerprint,
                                is_unknown ? "the app '" + token.value().app + "' is unknown"
                                           : "it expired more than an hour ago"),
                        remove_row(row)});
}

void AuditChecks::check_opens(const ReadTxn& txn, const Row& row, Step& step) const {
  const auto value = database_.sealed(row.table).get(txn, row.key);
  if (value.ok()) return;
  step.found.push_back(
      {finding("A1", row.table, printable(row.key), value.error().message), remove_row(row)});
}

Table AuditChecks::stored(TableId table) const {
  const bool is_sealed = kTables[static_cast<std::size_t>(table)].values == Values::sealed;
  return is_sealed ? database_.sealed(table).as_stored() : database_.in_clear(table);
}

AuditChecks::Fix AuditChecks::remove_row(const Row& row) const {
  return [table = stored(row.table), key = std::string(row.key)](WriteTxn& txn) {
    return txn.remove(table, key);
  };
}

AuditChecks::Fix AuditChecks::shorten(const std::string& key, UnixTime end) const {
  return [this, key, end](WriteTxn& txn) -> Result<Done> {
    auto found = tokens_.find(txn, key);
    if (!found.ok()) return found.error();
    if (!found.value()) return Done{};
    AccessTokenInfo& info = found.value()->info;
    HistoryEntry edited = entry(HistoryAction::edit, {}, "the audit has shortened its life");
    edited.old_expires = std::exchange(info.expires, end);
    edited.token = info;
    if (Result<Done> put = tokens_.put(txn, *found.value()); !put.ok()) return put;
    return history_.append(txn, edited);
  };
}

AuditChecks::Fix AuditChecks::end_subtree(const std::string& key) const {
  return [this, key](WriteTxn& txn) -> Result<Done> {
    const auto found = tokens_.find(txn, key);
    if (!found.ok()) return found.error();
    if (!found.value()) return Done{};
    TokenEdits edits;
    TokenDecision decision(tokens_, txn, edits, Actor(), terms_.now);
    const auto ended = decision.end(found.value()->info, HistoryAction::revoke);
    if (!ended.ok()) return ended.error();
    return edits.write_to(txn, tokens_, history_);
  };
}

HistoryEntry AuditChecks::entry(HistoryAction action, AccessTokenInfo token,
                                std::string detail) const {
  return {
      .time = terms_.now, .action = action, .token = std::move(token), .detail = std::move(detail)};
}

}  // namespace tokman
