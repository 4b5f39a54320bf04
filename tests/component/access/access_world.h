#pragma once
// Access tokens on a real store; clock, threads and chance are the test's.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/services/access/access_tokens.h"
#include "daemon/services/store/history_table.h"
#include "tests/component/store/store_world.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_timers.h"

namespace tokman {

// No two keys are equal.
class CountingRandom final : public Random {
 public:
  void fill(char* bytes, std::size_t size) override {
    ++count_;
    std::memset(bytes, 0, size);
    std::memcpy(bytes, &count_, std::min(size, sizeof count_));
  }
  double fraction() override { return 0.5; }

 private:
  std::uint64_t count_ = 0;
};

struct AccessWorld : StoreWorld {
  FakeClock clock;
  FakeTimers timers;
  CountingRandom random;
  CredentialEpoch epoch;
  AccessTerms terms{.token_lifetime = std::chrono::hours(24),
                    .user_token_lifetime = std::chrono::hours(24 * 90),
                    .tokens_per_user = 1000,
                    .scopes = {"github:token", "user:token", "admin:token", "read:all"}};
  std::unique_ptr<AccessTokens> tokens = make_tokens();
  std::vector<OperationPtr> operations;  // Of answers that are waited for.

  ~AccessWorld() { operations.clear(); }

  // What was not written is lost, as with kill -9.
  void restart() {
    operations.clear();
    tokens.reset();
    open();
    tokens = make_tokens();
  }
  std::unique_ptr<AccessTokens> make_tokens() {
    return std::make_unique<AccessTokens>(AccessTokens::World{*database, *writer, epoch,
                                                              [this] { return terms; }, clock,
                                                              timers, background, random, log});
  }

  UnixTime now() const { return clock.unix_now(); }
  void pass(std::chrono::seconds time) { clock.go_to(clock.now() + time); }
  void settle() {
    while (write_all() > 0 || timers.step(clock.now())) continue;
  }

  static AccessCaller user(const std::string& name,
                           const ScopeNames& scopes = {"github:token", "user:token"}) {
    AccessCaller caller;
    caller.username = name;
    caller.scopes = scopes;
    caller.actor = {.name = name, .uid = 1000, .gid = 1000, .pid = 4711, .unit = "a.service"};
    return caller;
  }
  static AccessCaller admin() { return user("root", {"admin:token"}); }
  // Whoever presents the token.
  static AccessCaller holder(const AccessTokenInfo& token) {
    AccessCaller caller = user(token.username, token.scopes);
    caller.token = token;
    return caller;
  }

  // Waits for the answer of start(callback).
  template <class Answer, class Start>
  Result<Answer> answer_to(Start start) {
    std::optional<Result<Answer>> given;
    const OperationPtr operation =
        start([&given](Result<Answer> answer) { given.emplace(std::move(answer)); });
    if (given) std::abort();  // Nothing calls back before it has returned.
    settle();
    if (!given) std::abort();
    return std::move(*given);
  }

  Result<IssuedToken> create_session(const AccessCaller& caller,
                                     const std::optional<ScopeNames>& scopes = {}) {
    return answer_to<IssuedToken>([&](auto callback) {
      return tokens->create_session_token(caller, scopes, std::move(callback));
    });
  }
  Result<IssuedToken> create_user(const AccessCaller& caller, const UserTokenRequest& request) {
    return answer_to<IssuedToken>([&](auto callback) {
      return tokens->create_user_token(caller, request, std::move(callback));
    });
  }
  Result<IssuedToken> create_by_admin(const AccessCaller& caller,
                                      const AdminTokenRequest& request) {
    return answer_to<IssuedToken>([&](auto callback) {
      return tokens->create_token_from_admin_request(caller, request, std::move(callback));
    });
  }
  Result<IssuedToken> child_of(const AccessTokenInfo& parent, const ChildTokenRequest& request) {
    return answer_to<IssuedToken>([&](auto callback) {
      return tokens->get_child_token(holder(parent), request, std::move(callback));
    });
  }
  Result<AccessTokenInfo> modify(const AccessCaller& caller, const std::string& key,
                                 const TokenEdit& edit,
                                 const std::optional<std::string>& username = {}) {
    return answer_to<AccessTokenInfo>([&](auto callback) {
      return tokens->modify_token(caller, key, username, edit, std::move(callback));
    });
  }
  Result<std::int64_t> remove(const AccessCaller& caller, const std::string& key,
                              const std::optional<std::string>& username = {}) {
    return answer_to<std::int64_t>([&](auto callback) {
      return tokens->delete_token(caller, key, username, std::move(callback));
    });
  }
  Result<TokenPage> list(const AccessCaller& caller, const TokenListRequest& request = {}) {
    return answer_to<TokenPage>(
        [&](auto callback) { return tokens->list_tokens(caller, request, std::move(callback)); });
  }

  static ChildTokenRequest notebook() { return {.type = TokenType::notebook}; }
  static ChildTokenRequest oidc() { return {.type = TokenType::oidc}; }
  static ChildTokenRequest internal(const ScopeNames& scopes = {"github:token"},
                                    const std::string& service = "web") {
    return {.type = TokenType::internal, .service = service, .scopes = scopes};
  }

  std::optional<AccessTokenInfo> data_of(const SecretBytes& token) {
    return tokens->get_data(token.reveal());
  }
  bool is_alive(const std::string& key) {
    return tokens->get_token_info(admin(), key, std::nullopt).ok();
  }

  // All of it, the oldest first.
  std::vector<HistoryEntry> history() {
    const HistoryTable table(*database);
    std::vector<HistoryEntry> entries;
    (void)database->store().read([&](const ReadTxn& txn) {
      return table.walk_back(txn, table.by_time(), kNewestPlace, [&](HistoryPlace place) {
        entries.insert(entries.begin(), table.find(txn, place).value().value());
        return true;
      });
    });
    return entries;
  }
};

}  // namespace tokman
