#pragma once
// What the audit of the store looks at: each row of each table, against what belongs to it.
//
//   A1  a value cannot be read: it does not open, or is not what it should be
//   A2  a token that is handed out again lacks its secret (A3: unless it has expired anyway)
//   A4  an entry of an index leads to nothing
//   A5  an entry of an index disagrees with its record, or is missing
//   A6  a token lives longer than one that it was made of
//   A7  the token that a token was made of is not there
//   A8  a token has a scope that the configuration does not know
//   A9  a token of GitHub's is of an unknown app, or expired more than an hour ago
//   A10 a login is of an unknown client
//
// To add a check: a line here, a row in kPasses, and what mends it, if anything can.
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/services/access/token_changes.h"
#include "daemon/services/store/client_table.h"

namespace tokman {

struct AuditFinding {
  std::string check;
  std::string table;  // Of the record.
  std::string key;
  std::string detail;
  bool is_fixed = false;
};

struct AuditTerms {
  ScopeNames scopes = {};  // All that are known.
  std::set<std::string, std::less<>> apps = {};
  UnixTime now{};
  bool ends_orphans = false;
};

class AuditChecks {
 public:
  // REQUIRES: database outlives this object.
  AuditChecks(Database& database, AuditTerms terms);

  // Where the audit has got to.
  struct Position {
    std::size_t pass = 0;
    std::string key = {};  // The first to be looked at.
  };

  // Changes what was found. REQUIRES: the transaction in which it was found.
  using Fix = std::function<Result<Done>(WriteTxn&)>;
  struct Found {
    std::optional<AuditFinding> finding;  // None: what is left of another one.
    Fix fix;                              // Empty: only reported.
  };
  struct Step {
    std::vector<Found> found;
    std::optional<Position> next;  // None: all has been looked at.
  };

  // Looks at the next rows, StoreJobs::kRowsPerStep at most.
  Result<Step> look(const ReadTxn& txn, const Position& from) const;

 private:
  struct Row {
    TableId table = TableId::meta;
    std::string_view key;
    std::string_view value;
  };
  struct Pass;
  static const std::vector<Pass>& passes();

  // Passes over rows of one table each.
  void check_token_index(const ReadTxn& txn, const Row& row, Step& step) const;
  void check_token(const ReadTxn& txn, const Row& row, Step& step) const;
  void check_history_index(const ReadTxn& txn, const Row& row, Step& step) const;
  void check_history(const ReadTxn& txn, const Row& row, Step& step) const;
  void check_client(const ReadTxn& txn, const Row& row, Step& step) const;
  void check_login(const ReadTxn& txn, const Row& row, Step& step) const;
  void check_github_token(const ReadTxn& txn, const Row& row, Step& step) const;
  void check_opens(const ReadTxn& txn, const Row& row, Step& step) const;

  // Of a token that can be read.
  void check_secret(const AccessTokenRecord& record, Step& step) const;
  void check_ancestors(const ReadTxn& txn, const AccessTokenInfo& info, Step& step) const;
  void check_scopes(const AccessTokenInfo& info, Step& step) const;
  void check_index_entries(const ReadTxn& txn, std::string_view key,
                           const std::vector<IndexEntry>& entries, TableId table, Step& step) const;

  Table stored(TableId table) const;
  Fix remove_row(const Row& row) const;
  Fix shorten(const std::string& key, UnixTime end) const;
  Fix end_subtree(const std::string& key) const;
  HistoryEntry entry(HistoryAction action, AccessTokenInfo token, std::string detail) const;

  Database& database_;
  AccessTokenTable tokens_;
  HistoryTable history_;
  ClientTable clients_;
  AuditTerms terms_;
};

}  // namespace tokman
