// What is presented in `auth`: whom it stands for, and that nothing else counts.
#include "daemon/services/access/credentials.h"

#include <cstring>

#include "tests/component/access/access_world.h"
#include "tests/component/access/client_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct Presented : ClientWorld {
  CountingRandom random;
  AccessTokens tokens{{*store.database, store.writer, epoch,
                       [] {
                         return AccessTerms{.token_lifetime = 1h,
                                            .user_token_lifetime = 24h,
                                            .scopes = {"github:token", "user:token"}};
                       },
                       loop.clock, loop.timers, loop.background, random, log}};
  CallerDirectory callers{loop.background, loop.clock};
  Credentials credentials{{tokens, jwts, callers, epoch, loop.clock}};
  Caller peer;

  Presented() {
    peer.subject.facts = {.uid = 1000,
                          .gid = 100,
                          .pid = 4711,
                          .unit = "worker.service",
                          .program = "/usr/bin/worker",
                          .user = "packit"};
    peer.principal = peer.account = "uid:1000(packit)";
  }

  // Of root, who has an account on every host.
  SecretBytes session(const ScopeNames& scopes = {"github:token", "user:token"},
                      const std::string& user = "root") {
    AccessCaller maker;
    maker.username = user;
    maker.scopes = scopes;
    maker.actor.name = user;
    SecretBytes made;
    const OperationPtr making = tokens.create_session_token(
        maker, std::nullopt,
        [&](Result<IssuedToken> issued) { made = std::move(issued).value().token; });
    loop.run();
    return made;
  }
  void remove(const std::string& key) {
    AccessCaller root;
    root.username = "root";
    root.scopes = {"user:token"};
    const OperationPtr removing = tokens.delete_token(root, key, std::nullopt, [](auto) {});
    loop.run();
  }

  SecretBytes login(std::vector<uid_t> bind_uids = {}) {
    Client packit{.id = "batch"};
    packit.scopes = {"github:token"};
    packit.max_priority = {{"ci", 9}};
    packit.bind_uids = std::move(bind_uids);
    put(packit);
    write([&](WriteTxn& txn) { (void)table.add_login(txn, "batch", "J", now() + 605s); });
    return loop.signer.sign_access_jwt({.issuer = "tokman",
                                        .client_id = "batch",
                                        .jti = "J",
                                        .issued_at = now(),
                                        .expires_at = now() + 600s,
                                        .scopes = {"github:token"},
                                        .max_priority = {{"ci", 9}}});
  }

  // As a call does it.
  Result<Caller> present(const SecretBytes& auth) {
    if (auto judged = credentials.judge(auth, peer)) return std::move(*judged);
    std::optional<Error> error;
    const OperationPtr preparing = credentials.prepare(auth, [&](const Result<Done>& prepared) {
      if (!prepared.ok()) error = prepared.error();
    });
    loop.run();
    if (error) return *error;
    auto judged = credentials.judge(auth, peer);
    if (!judged) std::abort();
    return std::move(*judged);
  }
  tokman_error code_of(const SecretBytes& auth) {
    const Result<Caller> caller = present(auth);
    return caller.ok() ? TOKMAN_OK : caller.error().code;
  }
};

TEST(Presented, a_token_stands_for_its_user_with_the_ids_of_its_account) {
  const Result<Caller> caller = fixture.present(fixture.session());
  const Subject& subject = caller.value().subject;
  assert_true(subject.kind == Subject::Kind::user);
  assert_true(subject.facts.user == "root");
  assert_int_equal(subject.facts.uid, 0);
  assert_int_equal(subject.facts.gid, 0);
  assert_true(subject.facts.group_names.front() == "root");
}

TEST(Presented, unit_and_program_are_those_of_who_presents_it) {
  const Result<Caller> caller = fixture.present(fixture.session());
  assert_true(caller.value().subject.facts.unit == "worker.service");
  assert_true(caller.value().subject.facts.program == "/usr/bin/worker");
}

TEST(Presented, a_bot_without_an_account_has_a_name_only) {
  const Result<Caller> caller = fixture.present(fixture.session({}, "bot-that-has-no-account"));
  assert_true(caller.value().subject.facts.user == "bot-that-has-no-account");
  assert_int_equal(caller.value().subject.facts.uid, PeerFacts().uid);
  assert_true(caller.value().subject.facts.groups.empty());
}

TEST(Presented, a_user_is_looked_up_once_for_all_who_wait) {
  const SecretBytes token = fixture.session();
  int prepared = 0;
  const auto count = [&prepared](const Result<Done>&) { ++prepared; };
  const OperationPtr first = fixture.credentials.prepare(token, count);
  OperationPtr gone = fixture.credentials.prepare(token, count);
  const OperationPtr last = fixture.credentials.prepare(token, count);
  gone.reset();
  assert_true(fixture.loop.background.step());
  assert_int_equal(prepared, 2);
  assert_false(fixture.loop.background.step());
}

TEST(Presented, the_scopes_of_a_token_are_a_bound) {
  const Result<Caller> caller = fixture.present(fixture.session({"user:token"}));
  assert_true(caller.value().subject.scope_bound == ScopeNames{"user:token"});
}

TEST(Presented, who_is_written_down_is_the_user_the_token_and_the_process) {
  const Result<Caller> caller = fixture.present(fixture.session());
  const std::string key = caller.value().token->key;
  assert_string_equal(caller.value().principal.c_str(),
                      ("user:root token:" + key + " uid:1000(packit)").c_str());
}

TEST(Presented, all_tokens_of_a_user_are_counted_together) {
  assert_string_equal(fixture.present(fixture.session()).value().account.c_str(), "user:root");
}

TEST(Presented, an_unknown_key_and_a_wrong_secret_are_one_answer) {
  const SecretBytes good = fixture.session();
  std::string unknown(good.reveal());
  unknown[6] = unknown[6] == 'A' ? 'B' : 'A';
  std::string wrong(good.reveal());
  wrong[28] = wrong[28] == 'A' ? 'B' : 'A';
  const Result<Caller> first = fixture.present(SecretBytes(unknown));
  const Result<Caller> second = fixture.present(SecretBytes(wrong));
  assert_int_equal(first.error().code, TOKMAN_E_UNAUTHENTICATED);
  assert_int_equal(second.error().code, TOKMAN_E_UNAUTHENTICATED);
  assert_string_equal(first.error().message.c_str(), second.error().message.c_str());
}

TEST(Presented, what_is_nearly_a_token_is_none) {
  const std::string good(fixture.session().reveal());
  for (const std::string& text : {good + " ", good.substr(1), std::string("tmk_"), good + good}) {
    assert_int_equal(fixture.code_of(SecretBytes(text)), TOKMAN_E_UNAUTHENTICATED);
  }
}

TEST(Presented, an_empty_text_is_no_credential) {
  assert_int_equal(fixture.code_of(SecretBytes("")), TOKMAN_E_UNAUTHENTICATED);
}

TEST(Presented, a_token_is_good_to_its_last_second_and_not_after) {
  const SecretBytes token = fixture.session();
  fixture.loop.advance(1h - 1s);
  assert_int_equal(fixture.code_of(token), TOKMAN_OK);
  fixture.loop.advance(1s);
  assert_int_equal(fixture.code_of(token), TOKMAN_E_TOKEN_EXPIRED);
}

TEST(Presented, what_was_judged_holds_until_a_credential_ends) {
  const Result<Caller> caller = fixture.present(fixture.session());
  assert_true(fixture.credentials.still_holds(caller.value()));
  fixture.remove(fixture.present(fixture.session()).value().token->key);
  assert_false(fixture.credentials.still_holds(caller.value()));
}

TEST(Presented, what_was_judged_holds_no_longer_than_the_token) {
  const SecretBytes token = fixture.session();
  fixture.loop.advance(1h - 10s);
  const Result<Caller> caller = fixture.present(token);
  fixture.loop.advance(9s);
  assert_true(fixture.credentials.still_holds(caller.value()));
  fixture.loop.advance(1s);
  assert_false(fixture.credentials.still_holds(caller.value()));
}

TEST(Presented, what_was_judged_holds_for_a_minute_because_groups_change) {
  const Result<Caller> caller = fixture.present(fixture.session());
  fixture.loop.advance(59s);
  assert_true(fixture.credentials.still_holds(caller.value()));
  fixture.loop.advance(1s);
  assert_false(fixture.credentials.still_holds(caller.value()));
}

TEST(Presented, the_peer_itself_is_always_itself) {
  assert_true(fixture.credentials.still_holds(fixture.peer));
}

TEST(Presented, after_a_wait_a_token_that_ended_is_nobody) {
  const SecretBytes token = fixture.session();
  const Result<Caller> before = fixture.present(token);
  fixture.remove(before.value().token->key);
  const Result<Caller> now = fixture.credentials.judge_again(token, before.value(), fixture.peer);
  assert_int_equal(now.error().code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(Presented, after_a_wait_nothing_has_to_be_looked_up) {
  const SecretBytes token = fixture.session();
  const Result<Caller> before = fixture.present(token);
  fixture.loop.advance(10min);
  const Result<Caller> now = fixture.credentials.judge_again(token, before.value(), fixture.peer);
  assert_int_equal(now.value().subject.facts.uid, 0);
  assert_true(fixture.credentials.still_holds(now.value()));
}

TEST(Presented, a_jwt_stands_for_its_client) {
  const Result<Caller> caller = fixture.present(fixture.login());
  const Subject& subject = caller.value().subject;
  assert_true(subject.is_client());
  assert_string_equal(subject.client.c_str(), "batch");
  assert_true(subject.scope_bound == ScopeNames{"github:token"});
  assert_int_equal(subject.max_priority.at("ci"), 9);
  assert_int_equal(subject.facts.uid, 1000);
  assert_string_equal(caller.value().principal.c_str(), "client:batch uid:1000(packit)");
  assert_string_equal(caller.value().account.c_str(), "client:batch");
}

//
TEST(Presented, a_jwt_bound_to_another_uid_is_denied) {
  const SecretBytes jwt = fixture.login({1001});
  const Result<Caller> caller = fixture.present(jwt);
  assert_int_equal(caller.error().code, TOKMAN_E_DENIED);
  assert_string_equal(caller.error().field.c_str(), "auth");
}

TEST(Presented, a_jwt_bound_to_several_uids_is_good_for_each) {
  assert_int_equal(fixture.code_of(fixture.login({7, 1000})), TOKMAN_OK);
}

//
TEST(Presented, an_unmapped_uid_is_never_one_that_a_client_is_bound_to) {
  const SecretBytes jwt = fixture.login({65534});
  fixture.peer.subject.facts.uid = 65534;
  assert_int_equal(fixture.code_of(jwt), TOKMAN_E_DENIED);
}

TEST(Presented, a_jwt_of_a_login_that_was_ended_is_refused) {
  const SecretBytes jwt = fixture.login();
  assert_int_equal(fixture.code_of(jwt), TOKMAN_OK);
  Client batch = fixture.client("batch");
  batch.is_disabled = true;
  fixture.put(batch);
  assert_int_equal(fixture.code_of(jwt), TOKMAN_E_UNAUTHENTICATED);
}

TEST(Presented, after_a_wait_a_client_that_was_disabled_is_nobody) {
  const SecretBytes jwt = fixture.login();
  const Result<Caller> before = fixture.present(jwt);
  Client batch = fixture.client("batch");
  batch.is_disabled = true;
  fixture.put(batch);
  assert_false(fixture.credentials.judge_again(jwt, before.value(), fixture.peer).ok());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Presented, a_token_stands_for_its_user_with_the_ids_of_its_account),
      RUN(Presented, unit_and_program_are_those_of_who_presents_it),
      RUN(Presented, a_bot_without_an_account_has_a_name_only),
      RUN(Presented, a_user_is_looked_up_once_for_all_who_wait),
      RUN(Presented, the_scopes_of_a_token_are_a_bound),
      RUN(Presented, who_is_written_down_is_the_user_the_token_and_the_process),
      RUN(Presented, all_tokens_of_a_user_are_counted_together),
      RUN(Presented, an_unknown_key_and_a_wrong_secret_are_one_answer),
      RUN(Presented, what_is_nearly_a_token_is_none),
      RUN(Presented, an_empty_text_is_no_credential),
      RUN(Presented, a_token_is_good_to_its_last_second_and_not_after),
      RUN(Presented, what_was_judged_holds_until_a_credential_ends),
      RUN(Presented, what_was_judged_holds_no_longer_than_the_token),
      RUN(Presented, what_was_judged_holds_for_a_minute_because_groups_change),
      RUN(Presented, the_peer_itself_is_always_itself),
      RUN(Presented, after_a_wait_a_token_that_ended_is_nobody),
      RUN(Presented, after_a_wait_nothing_has_to_be_looked_up),
      RUN(Presented, a_jwt_stands_for_its_client),
      RUN(Presented, a_jwt_bound_to_another_uid_is_denied),
      RUN(Presented, a_jwt_bound_to_several_uids_is_good_for_each),
      RUN(Presented, an_unmapped_uid_is_never_one_that_a_client_is_bound_to),
      RUN(Presented, a_jwt_of_a_login_that_was_ended_is_refused),
      RUN(Presented, after_a_wait_a_client_that_was_disabled_is_nobody),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
