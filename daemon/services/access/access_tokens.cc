#include "daemon/services/access/access_tokens.h"

#include <array>

#include "daemon/platform/crypto/digest.h"
#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

Error invalid(std::string field, std::string message) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, std::move(message), std::move(field)};
}

// As long as a hash, and none of a secret.
constexpr std::array<char, kSha256Bytes> kNoHashBytes = {};
constexpr std::string_view kNoHash(kNoHashBytes.data(), kNoHashBytes.size());

// What is read to make a page, on another thread.
struct PageQuery {
  std::string username;  // "": everybody's.
  std::set<TokenType> types;
  std::size_t limit = 0;
  std::string position = {};
  UnixTime now{};

  bool wants(const AccessTokenInfo& info) const {
    return info.is_alive(now) && (types.empty() || types.contains(info.type));
  }
};

Result<PageQuery> make_query(const AccessCaller& caller, const TokenListRequest& request,
                             UnixTime now) {
  if (request.all && request.username) {
    return invalid("all", "'all' and 'username' exclude each other");
  }
  PageQuery query{.username = request.all ? "" : request.username.value_or(caller.username),
                  .types = request.types,
                  .now = now};
  if (Result<Done> may = check_may_act_for(caller, query.username); !may.ok()) return may.error();
  if (query.username.empty() && !request.all) {
    return invalid("username",
                   "the caller has no tokens of its own; 'username' or 'all' says whose");
  }
  const std::int64_t limit = request.limit.value_or(AccessTokens::kPageDefault);
  if (limit < 1 || limit > AccessTokens::kPageMax) {
    return invalid("limit", "'limit' must be from 1 to " + std::to_string(AccessTokens::kPageMax));
  }
  query.limit = static_cast<std::size_t>(limit);
  if (!request.cursor) return query;
  const auto position = from_base64url(*request.cursor);
  if (!position || position->size() != AccessTokenTable::kPositionBytes) {
    return invalid("cursor", "'cursor' is not one that ListTokens gave");
  }
  query.position = *position;
  return query;
}

Result<TokenPage> read_page(const AccessTokenTable& table, const ReadTxn& txn,
                            const PageQuery& query) {
  TokenPage page;
  std::string position;  // Of the last one that was looked at.
  std::size_t examined = 0;
  const Result<Done> done = table.for_each_newest(
      txn, query.username, query.position, [&](std::string_view where, AccessTokenInfo info) {
        const bool is_wanted = query.wants(info);
        if ((is_wanted && page.tokens.size() == query.limit) ||
            examined == AccessTokens::kExaminedMax) {
          page.next = base64url(position);
          return false;
        }
        if (is_wanted) page.tokens.push_back(std::move(info));
        position = where;
        ++examined;
        return true;
      });
  if (!done.ok()) return done.error();
  return page;
}

}  // namespace

AccessTokens::AccessTokens(World world)
    : world_(std::move(world)),
      table_(world_.database),
      history_(world_.database),
      judged_(world_.epoch),
      changes_({table_, history_, world_.writer, world_.epoch, world_.clock, world_.timers}) {}

OperationPtr AccessTokens::create_session_token(const AccessCaller& caller,
                                                const std::optional<ScopeNames>& scopes,
                                                OnIssued callback) {
  return make(caller, new_session_token(caller, scopes, world_.terms(), world_.clock.unix_now()),
              std::move(callback));
}

OperationPtr AccessTokens::create_user_token(const AccessCaller& caller,
                                             const UserTokenRequest& request, OnIssued callback) {
  return make(caller, new_user_token(caller, request, world_.terms(), world_.clock.unix_now()),
              std::move(callback));
}

OperationPtr AccessTokens::create_token_from_admin_request(const AccessCaller& caller,
                                                           const AdminTokenRequest& request,
                                                           OnIssued callback) {
  return make(
      caller,
      new_token_from_admin_request(caller, request, world_.terms(), world_.clock.unix_now()),
      std::move(callback));
}

OperationPtr AccessTokens::make(const AccessCaller& caller, Result<AccessTokenInfo> info,
                                OnIssued callback) {
  if (!info.ok()) return changes_.answer_later<IssuedToken>(info.error(), std::move(callback));
  const auto token = std::make_shared<const AccessToken>(make_access_token(world_.random));
  const auto body = [info = std::move(info).value(), terms = world_.terms(),
                     token](TokenDecision& decision) { return decision.make(info, terms, *token); };
  return changes_.add(decide<IssuedToken>(caller, body), std::move(callback));
}

OperationPtr AccessTokens::get_child_token(const AccessCaller& caller, ChildTokenRequest request,
                                           OnIssued callback) {
  if (!caller.token) {
    return changes_.answer_later<IssuedToken>(
        Error{TOKMAN_E_UNAUTHENTICATED, "an access token is needed in 'auth'", "auth"},
        std::move(callback));
  }
  const AccessTerms terms = world_.terms();
  if (Result<Done> checked = check_child_request(request, terms); !checked.ok()) {
    return changes_.answer_later<IssuedToken>(checked.error(), std::move(callback));
  }
  const auto token = std::make_shared<const AccessToken>(make_access_token(world_.random));
  const auto find_or_make =
      decide<IssuedToken>(caller, [request = std::move(request), terms, token,
                                   parent = caller.token->key](TokenDecision& decision) {
        return decision.find_or_make_child(parent, request, terms, *token);
      });
  // A child that is there needs no write.
  TokenEdits edits;
  Result<IssuedToken> answer =
      world_.database.store().read([&](const ReadTxn& txn) { return find_or_make(txn, edits); });
  if (!answer.ok() || edits.is_empty()) {
    return changes_.answer_later(std::move(answer), std::move(callback));
  }
  return changes_.add(find_or_make, std::move(callback));
}

Result<AccessTokenInfo> AccessTokens::judge(const AccessToken& token, UnixTime now) const {
  const JudgedTokens::Known* known = find_known(token.key);
  const std::string_view hash = known != nullptr ? known->secret_hash : kNoHash;
  if (!equal_in_constant_time(sha256(token.secret.reveal()), hash) || known == nullptr) {
    return Error{TOKMAN_E_UNAUTHENTICATED, "the access token is not known", "auth"};
  }
  if (known->info.is_alive(now)) return known->info;
  return Error{TOKMAN_E_TOKEN_EXPIRED, "the access token has expired", "auth"};
}

const JudgedTokens::Known* AccessTokens::find_known(const std::string& key) const {
  if (const JudgedTokens::Known* known = judged_.find(key)) return known;
  auto found =
      world_.database.store().read([&](const ReadTxn& txn) { return table_.find(txn, key); });
  if (!found.ok()) {
    world_.log.error("access token not judged", {{"key", key}, {"error", found.error().message}});
    return nullptr;
  }
  if (!found.value()) return nullptr;
  return judged_.keep({std::move(found.value()->info), std::move(found.value()->secret_hash)});
}

std::optional<AccessTokenInfo> AccessTokens::get_data(std::string_view text) const {
  const std::optional<AccessToken> token = parse_access_token(text);
  if (!token) return std::nullopt;
  Result<AccessTokenInfo> info = judge(*token, world_.clock.unix_now());
  if (!info.ok()) return std::nullopt;
  return std::move(info).value();
}

Result<AccessTokenInfo> AccessTokens::get_token_info(
    const AccessCaller& caller, const std::string& key,
    const std::optional<std::string>& username) const {
  const auto body = [&](TokenDecision& decision) {
    return decision.find_seen(caller, key, username);
  };
  TokenEdits none;
  Result<AccessTokenRecord> found = world_.database.store().read(
      [&](const ReadTxn& txn) { return decide<AccessTokenRecord>(caller, body)(txn, none); });
  if (!found.ok()) return found.error();
  return std::move(found.value().info);
}

OperationPtr AccessTokens::list_tokens(const AccessCaller& caller, const TokenListRequest& request,
                                       OnListed callback) {
  Result<PageQuery> query = make_query(caller, request, world_.clock.unix_now());
  if (!query.ok()) return changes_.answer_later<TokenPage>(query.error(), std::move(callback));
  const auto page = std::make_shared<Result<TokenPage>>(TokenPage());
  return world_.background.run(
      [page, query = std::move(query).value(), &table = table_, &store = world_.database.store()] {
        *page = store.read([&](const ReadTxn& txn) { return read_page(table, txn, query); });
      },
      [page, callback = std::move(callback)] { callback(std::move(*page)); });
}

OperationPtr AccessTokens::modify_token(const AccessCaller& caller, const std::string& key,
                                        const std::optional<std::string>& username,
                                        const TokenEdit& edit, OnEdited callback) {
  if (!caller.has(Scope::admin_token)) {
    return changes_.answer_later<AccessTokenInfo>(
        Error{TOKMAN_E_DENIED, "changing a token needs the scope admin:token"},
        std::move(callback));
  }
  const auto body = [caller, key, username, edit, terms = world_.terms()](TokenDecision& decision) {
    return decision.edit(caller, key, username, edit, terms);
  };
  return changes_.add(decide<AccessTokenInfo>(caller, body), std::move(callback));
}

OperationPtr AccessTokens::delete_token(const AccessCaller& caller, const std::string& key,
                                        const std::optional<std::string>& username,
                                        OnDeleted callback) {
  const auto body = [caller, key, username](TokenDecision& decision) {
    return decision.revoke(caller, key, username);
  };
  return changes_.add(decide<std::int64_t>(caller, body), std::move(callback));
}

template <class Answer>
TokenChanges::Decide<Answer> AccessTokens::decide(const AccessCaller& caller,
                                                  Body<Answer> body) const {
  return [&table = table_, caller, now = world_.clock.unix_now(), body = std::move(body)](
             const ReadTxn& txn, TokenEdits& edits) -> Result<Answer> {
    TokenDecision decision(table, txn, edits, caller.actor, now);
    if (caller.token) {  // It may have been ended since it was judged.
      const Result<AccessTokenRecord> presented = decision.find_presented(caller.token->key);
      if (!presented.ok()) return presented.error();
    }
    return body(decision);
  };
}

}  // namespace tokman
