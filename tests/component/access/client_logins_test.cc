// Who may log in, what it gets, and what everybody else is told.
#include "daemon/services/access/client_logins.h"

#include "daemon/platform/crypto/scrypt.h"

#include "tests/component/access/client_world.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr const char* kKey = "a key of a client";

struct Logins : ClientWorld {
  Logins() {
    assert_true(
        put({.scopes = ScopeNames{"github:token"}, .max_priority = {{{"*", 7}}}}, kKey).ok());
  }

  template <class Change>
  void change(Change change) {
    Client changed = client();
    change(changed);
    ClientWorld::put(changed);
  }
  std::string refusal_of(const std::string& id, const std::string& key) {
    const Result<IssuedLogin> login = log_in(id, key);
    if (login.ok()) return "let in";
    return std::to_string(login.error().code) + " " + login.error().field + " " +
           login.error().message;
  }
  OperationPtr begin(uid_t uid, std::vector<tokman_error>& codes) {
    return logins.log_in({uid, "uid"}, {"packit", SecretBytes("wrong")},
                         [&codes](const Result<IssuedLogin>& login) {
                           codes.push_back(login.ok() ? TOKMAN_OK : login.error().code);
                         });
  }
};

// TF-1
TEST(Logins, a_client_gets_a_jwt_with_what_is_stored_for_it) {
  const Result<IssuedLogin> login = fixture.log_in("packit", kKey);
  assert_true(login.ok());
  assert_true(login.value().scopes == ScopeNames{"github:token"});
  assert_int_equal(login.value().max_priority.at("*"), 7);
  assert_true(login.value().expires_at == fixture.now() + 600s);
  const Result<ClientLogin> shown = fixture.verify(login.value().jwt);
  assert_true(shown.ok());
  assert_string_equal(shown.value().client_id.c_str(), "packit");
}

TEST(Logins, a_login_is_in_the_audit_log_and_its_jwt_is_not) {
  const Result<IssuedLogin> login = fixture.log_in("packit", kKey);
  const std::string line = fixture.lines.line_with("audit=client-login");
  assert_true(line.find("principal=uid:1000 client=packit detail=\"jti ") != std::string::npos);
  assert_int_equal(fixture.lines.count(login.value().jwt.reveal()), 0);
  assert_int_equal(fixture.lines.count(kKey), 0);
}

// TF-2
TEST(Logins, who_may_not_log_in_is_told_nothing_else) {
  const std::string refusal = fixture.refusal_of("packit", "a wrong key of it");
  assert_true(refusal.starts_with(std::to_string(TOKMAN_E_UNAUTHENTICATED)));
  assert_string_equal(fixture.refusal_of("nobody", kKey).c_str(), refusal.c_str());
  assert_string_equal(fixture.refusal_of("Not An Id", kKey).c_str(), refusal.c_str());
  assert_string_equal(fixture.refusal_of("", "").c_str(), refusal.c_str());
  fixture.change([](Client& client) { client.is_disabled = true; });
  assert_string_equal(fixture.refusal_of("packit", kKey).c_str(), refusal.c_str());
  fixture.change([&](Client& client) {
    client.is_disabled = false;
    client.expires = fixture.now();
  });
  assert_string_equal(fixture.refusal_of("packit", kKey).c_str(), refusal.c_str());
  fixture.change([](Client& client) {
    client.expires.reset();
    client.keys.clear();
  });
  assert_string_equal(fixture.refusal_of("packit", kKey).c_str(), refusal.c_str());
}

// TF-2: the work is that of one hash with today's numbers, whoever asks.
TEST(Logins, everybody_is_hashed_for_once) {
  for (const char* id : {"packit", "nobody", "Not An Id"}) {
    std::optional<Result<IssuedLogin>> answer;
    const OperationPtr login =
        fixture.logins.log_in({1000, "uid"}, {id, SecretBytes("a wrong key of it")},
                              [&](Result<IssuedLogin> result) { answer = std::move(result); });
    assert_false(answer.has_value());
    assert_true(fixture.loop.background.step());
    assert_true(answer.has_value());
    assert_false(fixture.loop.background.step());
  }
}

//
TEST(Logins, of_200_at_once_the_excess_is_told_that_we_are_busy) {
  std::vector<tokman_error> codes;
  std::vector<OperationPtr> operations;
  for (uid_t uid = 0; uid < 200; ++uid) operations.push_back(fixture.begin(uid, codes));
  fixture.loop.run();
  assert_int_equal(codes.size(), 200);
  assert_int_equal(std::count(codes.begin(), codes.end(), TOKMAN_E_BUSY), 190);
  assert_int_equal(std::count(codes.begin(), codes.end(), TOKMAN_E_UNAUTHENTICATED), 10);
}

TEST(Logins, the_keys_of_one_uid_are_counted_and_those_of_others_apart) {
  auto config = ClientWorld::make_config();
  config->access.logins_per_minute = 3;
  fixture.live.replace(config);
  for (int i = 0; i < 3; ++i) assert_true(fixture.log_in("packit", kKey, 1).ok());
  const Result<IssuedLogin> fourth = fixture.log_in("packit", kKey, 1);
  assert_int_equal(fourth.error().code, TOKMAN_E_RATE_LIMITED);
  assert_true(fourth.error().retry_after == 20s);
  assert_true(fixture.log_in("packit", kKey, 2).ok());
  fixture.loop.advance(20s);
  assert_true(fixture.log_in("packit", kKey, 1).ok());
}

TEST(Logins, the_keys_of_4096_uids_are_counted_at_a_time) {
  for (uid_t uid = 0; uid < ClientLogins::kPeersMax; ++uid) {
    assert_int_equal(fixture.log_in("packit", "wrong", uid).error().code, TOKMAN_E_UNAUTHENTICATED);
  }
  assert_int_equal(fixture.log_in("packit", kKey, 5000).error().code, TOKMAN_E_RATE_LIMITED);
  assert_true(fixture.log_in("packit", kKey, 0).ok());
  fixture.loop.advance(1min);
  assert_true(fixture.log_in("packit", kKey, 5000).ok());
}

// deleted after its key was compared, and before its login is stored.
TEST(Logins, a_client_that_is_deleted_while_it_logs_in_gets_nothing) {
  std::optional<Result<IssuedLogin>> answer;
  const OperationPtr login =
      fixture.logins.log_in({1000, "uid"}, {"packit", SecretBytes(kKey)},
                            [&](Result<IssuedLogin> result) { answer = std::move(result); });
  assert_true(fixture.loop.background.step());
  assert_true(fixture.loop.signer.step());
  fixture.write([&](WriteTxn& txn) { (void)fixture.table.remove(txn, "packit", fixture.now()); });
  fixture.loop.run();
  assert_int_equal(answer->error().code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(Logins, a_client_that_is_disabled_while_it_logs_in_gets_nothing) {
  std::optional<Result<IssuedLogin>> answer;
  const OperationPtr login =
      fixture.logins.log_in({1000, "uid"}, {"packit", SecretBytes(kKey)},
                            [&](Result<IssuedLogin> result) { answer = std::move(result); });
  assert_true(fixture.loop.background.step());
  fixture.change([](Client& client) { client.is_disabled = true; });
  fixture.loop.run();
  assert_int_equal(answer->error().code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(Logins, a_client_has_1000_logins_at_most) {
  fixture.write([&](WriteTxn& txn) {
    for (int i = 0; i < 1000; ++i) {
      (void)fixture.table.add_login(txn, "packit", std::to_string(i), fixture.now() + 30s);
    }
  });
  assert_int_equal(fixture.log_in("packit", kKey).error().code, TOKMAN_E_RATE_LIMITED);
  fixture.loop.advance(30s);
  assert_true(fixture.log_in("packit", kKey).ok());
}

TEST(Logins, a_key_that_was_hashed_for_less_is_hashed_anew) {
  fixture.change([](Client& client) {
    client.stretch.n = 8;
    client.keys[0].hash =
        scrypt(SecretBytes(kKey), client.stretch.salt, {.n = 8, .r = 8, .p = 1}).value();
  });
  assert_true(fixture.log_in("packit", kKey).ok());
  assert_int_equal(fixture.client().stretch.n, 16);
  assert_int_equal(fixture.client().version, 1);
  assert_true(fixture.log_in("packit", kKey).ok());
  assert_false(fixture.log_in("packit", "a wrong key of it").ok());
}

TEST(Logins, without_a_signer_there_is_no_login) {
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "it is away"};
  assert_int_equal(fixture.log_in("packit", kKey).error().code, TOKMAN_E_SECRET_UNAVAILABLE);
  assert_int_equal(fixture.clients.get(fixture.admin, "packit").value().logins, 0);
}

TEST(Logins, who_has_gone_is_not_answered) {
  bool is_answered = false;
  OperationPtr login =
      fixture.logins.log_in({1000, "uid"}, {"packit", SecretBytes(kKey)},
                            [&](const Result<IssuedLogin>&) { is_answered = true; });
  login.reset();
  fixture.loop.run();
  assert_false(is_answered);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Logins, a_client_gets_a_jwt_with_what_is_stored_for_it),
      RUN(Logins, a_login_is_in_the_audit_log_and_its_jwt_is_not),
      RUN(Logins, who_may_not_log_in_is_told_nothing_else),
      RUN(Logins, everybody_is_hashed_for_once),
      RUN(Logins, of_200_at_once_the_excess_is_told_that_we_are_busy),
      RUN(Logins, the_keys_of_one_uid_are_counted_and_those_of_others_apart),
      RUN(Logins, the_keys_of_4096_uids_are_counted_at_a_time),
      RUN(Logins, a_client_that_is_deleted_while_it_logs_in_gets_nothing),
      RUN(Logins, a_client_that_is_disabled_while_it_logs_in_gets_nothing),
      RUN(Logins, a_client_has_1000_logins_at_most),
      RUN(Logins, a_key_that_was_hashed_for_less_is_hashed_anew),
      RUN(Logins, without_a_signer_there_is_no_login),
      RUN(Logins, who_has_gone_is_not_answered),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
