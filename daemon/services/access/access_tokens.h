#pragma once
// Access tokens: made, judged, looked at, changed and ended.
//
// What changes them is decided within the transaction that does it, and answered when that is on
// disk; an operation that is destroyed before is not answered, but done all the same. Who may ask
// for what says domain/access/access_rules.h.
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/services/access/judged_tokens.h"
#include "daemon/services/access/token_changes.h"
#include "daemon/services/access/token_decision.h"

namespace tokman {

struct TokenListRequest {
  std::optional<std::string> username = {};  // Absent: the caller's own.
  bool all = false;                          // Everybody's.
  std::set<TokenType> types = {};            // Empty: all.
  std::optional<std::int64_t> limit = {};
  std::optional<std::string> cursor = {};  // Where an earlier page ended.
};

struct TokenPage {
  std::vector<AccessTokenInfo> tokens;  // The newest first.
  std::string next;                     // "" if no more follow. A page may be short of its limit.
};

class AccessTokens {
 public:
  static constexpr std::int64_t kPageDefault = 100;
  static constexpr std::int64_t kPageMax = 1000;
  static constexpr std::size_t kExaminedMax = 20'000;  // Of one page.

  struct World {  // REQUIRES: all outlive this object, and the writer's last callback.
    Database& database;
    StoreWriter& writer;
    CredentialEpoch& epoch;
    std::function<AccessTerms()> terms;
    const Clock& clock;
    Timers& timers;
    Background& background;  // Whose destruction waits for what it does.
    Random& random;
    Log& log;
  };

  explicit AccessTokens(World world);
  AccessTokens(const AccessTokens&) = delete;
  AccessTokens& operator=(const AccessTokens&) = delete;

  using OnIssued = std::function<void(Result<IssuedToken>)>;
  [[nodiscard]] OperationPtr create_session_token(const AccessCaller& caller,
                                                  const std::optional<ScopeNames>& scopes,
                                                  OnIssued callback);
  [[nodiscard]] OperationPtr create_user_token(const AccessCaller& caller,
                                               const UserTokenRequest& request, OnIssued callback);
  [[nodiscard]] OperationPtr create_token_from_admin_request(const AccessCaller& caller,
                                                             const AdminTokenRequest& request,
                                                             OnIssued callback);
  // Of the token that the caller presented: notebook and internal tokens are given again while they
  // are good enough, an oidc token is always new.
  [[nodiscard]] OperationPtr get_child_token(const AccessCaller& caller, ChildTokenRequest request,
                                             OnIssued callback);

  // Whether a token is one of ours and alive. An unknown key and a wrong secret are one answer; how
  // much of a secret is right cannot be told from the time that takes.
  Result<AccessTokenInfo> judge(const AccessToken& token, UnixTime now) const;
  // The same of a text. None if it is no token that is alive.
  std::optional<AccessTokenInfo> get_data(std::string_view text) const;

  // TOKMAN_E_NOT_FOUND for an unknown key and for somebody else's alike.
  Result<AccessTokenInfo> get_token_info(const AccessCaller& caller, const std::string& key,
                                         const std::optional<std::string>& username) const;

  using OnListed = std::function<void(Result<TokenPage>)>;
  [[nodiscard]] OperationPtr list_tokens(const AccessCaller& caller,
                                         const TokenListRequest& request, OnListed callback);

  using OnEdited = std::function<void(Result<AccessTokenInfo>)>;
  [[nodiscard]] OperationPtr modify_token(const AccessCaller& caller, const std::string& key,
                                          const std::optional<std::string>& username,
                                          const TokenEdit& edit, OnEdited callback);

  // Gives how many ended: it and all that was made of it.
  using OnDeleted = std::function<void(Result<std::int64_t>)>;
  [[nodiscard]] OperationPtr delete_token(const AccessCaller& caller, const std::string& key,
                                          const std::optional<std::string>& username,
                                          OnDeleted callback);

 private:
  OperationPtr make(const AccessCaller& caller, Result<AccessTokenInfo> info, OnIssued callback);

  const JudgedTokens::Known* find_known(const std::string& key) const;

  template <class Answer>
  using Body = std::function<Result<Answer>(TokenDecision&)>;
  template <class Answer>
  TokenChanges::Decide<Answer> decide(const AccessCaller& caller, Body<Answer> body) const;

  World world_;
  AccessTokenTable table_;
  HistoryTable history_;
  mutable JudgedTokens judged_;
  TokenChanges changes_;
};

}  // namespace tokman
