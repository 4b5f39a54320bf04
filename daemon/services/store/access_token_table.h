#pragma once
// Access tokens in the store: one sealed record each, and the indices that find it.
//
// Record and index entries change together, in the transaction of the caller. A record that cannot
// be read is an error of find(), and is passed over where many are gone through: it is no token
// that anybody could use, and the audit of the store finds it. Keys are as in table_list.h.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/domain/access/access_token.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/index_entry.h"

namespace tokman {

struct AccessTokenRecord {
  AccessTokenInfo info;
  std::string secret_hash;  // SHA-256 of the secret's text, raw.
  SecretBytes secret;       // Of delegated tokens only, which are handed out again.
};

class AccessTokenTable {
 public:
  // REQUIRES: database outlives this object.
  explicit AccessTokenTable(const Database& database)
      : database_(database),
        records_(database.sealed(TableId::access_tokens)),
        by_user_(database.in_clear(TableId::by_user)),
        by_name_(database.in_clear(TableId::by_name)),
        by_parent_(database.in_clear(TableId::by_parent)),
        by_expiry_(database.in_clear(TableId::by_expiry)) {}

  Result<std::optional<AccessTokenRecord>> find(const ReadTxn& txn, std::string_view key) const;
  // The key of the user's token of that name, whether it is still alive or not.
  Result<std::optional<std::string>> find_by_name(const ReadTxn& txn, std::string_view username,
                                                  std::string_view name) const;

  // How many tokens a user has; no more than `most` are counted.
  Result<std::size_t> count_of_user(const ReadTxn& txn, std::string_view username,
                                    std::size_t most) const;

  // Makes the record, or replaces the one of that key.
  Result<Done> put(WriteTxn& txn, const AccessTokenRecord& record) const;
  // REQUIRES: `info` is what the record says.
  Result<Done> remove(WriteTxn& txn, const AccessTokenInfo& info) const;

  // Visits the direct children, readable or not, until visit returns false.
  using VisitKey = std::function<bool(std::string_view key)>;
  Result<Done> for_each_child(const ReadTxn& txn, std::string_view parent,
                              const VisitKey& visit) const;
  // Children, their children and so on, each after its parent; without the token itself.
  Result<std::vector<AccessTokenInfo>> descendants(const ReadTxn& txn, std::string_view key) const;
  // Those whose time is over, those that ended first coming first.
  Result<Done> for_each_expired(const ReadTxn& txn, UnixTime now, const VisitKey& visit) const;

  // Visits the user's tokens ("": everybody's), the newest first, until visit returns false. Goes
  // on behind `position`, which an earlier visit was given; "" begins with the newest.
  static constexpr std::size_t kPositionBytes = 8 + kAccessTokenPartChars;
  using VisitListed = std::function<bool(std::string_view position, AccessTokenInfo info)>;
  Result<Done> for_each_newest(const ReadTxn& txn, std::string_view username,
                               std::string_view position, const VisitListed& visit) const;

  // What must be in the indices for a record, and nothing else.
  static std::vector<IndexEntry> index_entries(const AccessTokenInfo& info);

 private:
  Result<Done> put_indices(WriteTxn& txn, const AccessTokenInfo& info) const;
  Result<Done> remove_indices(WriteTxn& txn, const AccessTokenInfo& info) const;

  const Database& database_;
  const SealedTable& records_;
  Table by_user_;
  Table by_name_;
  Table by_parent_;
  Table by_expiry_;
};

}  // namespace tokman
