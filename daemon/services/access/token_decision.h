#pragma once
// What a call does to the access tokens that are there: decided within the transaction that will
// do it, by the rules of domain/access/access_rules.h.
//
// Each function gives the answer to the call and puts into the edits what is to be written, or
// gives the refusal. What was put into the edits before a refusal does not count.
#include <memory>
#include <optional>
#include <string>

#include "daemon/domain/access/access_rules.h"
#include "daemon/services/access/token_changes.h"

namespace tokman {

struct IssuedToken {
  SecretBytes token;
  AccessTokenInfo info;
};

class TokenDecision {
 public:
  // Of one parent; those that have expired count until they are swept.
  static constexpr std::size_t kChildrenMax = 256;

  // REQUIRES: all outlive this object, but the actor.
  TokenDecision(const AccessTokenTable& table, const ReadTxn& txn, TokenEdits& edits, Actor actor,
                UnixTime now)
      : table_(table), txn_(txn), edits_(edits), actor_(std::move(actor)), now_(now) {}

  // `token` is what it will be called, if it is made.
  Result<IssuedToken> make(AccessTokenInfo info, const AccessTerms& terms,
                           const AccessToken& token);
  Result<IssuedToken> find_or_make_child(const std::string& parent,
                                         const ChildTokenRequest& request, const AccessTerms& terms,
                                         const AccessToken& token);
  Result<AccessTokenInfo> edit(const AccessCaller& caller, const std::string& key,
                               const std::optional<std::string>& username, const TokenEdit& edit,
                               const AccessTerms& terms);
  // Ends it and all that was made of it, deepest first, and gives how many that were.
  Result<std::int64_t> revoke(const AccessCaller& caller, const std::string& key,
                              const std::optional<std::string>& username);
  Result<std::int64_t> end(const AccessTokenInfo& token, HistoryAction how);

  // The one in `auth`.
  Result<AccessTokenRecord> find_presented(const std::string& key) const;
  // One that is alive and that the caller may see.
  Result<AccessTokenRecord> find_seen(const AccessCaller& caller, const std::string& key,
                                      const std::optional<std::string>& username) const;

 private:
  Result<std::optional<AccessTokenRecord>> find_reusable(const AccessTokenInfo& parent,
                                                         const AccessTokenInfo& fresh,
                                                         const ChildTokenRequest& request) const;
  Result<Done> check_room(const std::string& username, const AccessTerms& terms) const;
  Result<Done> free_name(const AccessTokenInfo& info);
  Result<Done> shorten_descendants(const AccessTokenInfo& edited);
  void put_edited(AccessTokenRecord record, const AccessTokenInfo& edited);
  HistoryEntry entry(HistoryAction action, const AccessTokenInfo& token) const;

  const AccessTokenTable& table_;
  const ReadTxn& txn_;
  TokenEdits& edits_;
  Actor actor_;
  UnixTime now_;
};

}  // namespace tokman
