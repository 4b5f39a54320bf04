// Session and user tokens, and those that an administrator makes: who gets which, and for how long.
#include <set>

#include "tests/component/access/access_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

// GF-2: record, info and history say the same of a session,
TEST(AccessWorld, a_session_lives_for_a_token_lifetime_with_all_of_its_makers_scopes) {
  const auto issued = fixture.create_session(AccessWorld::user("packit"));
  const AccessTokenInfo& info = issued.value().info;
  assert_true(info.type == TokenType::session);
  assert_string_equal(info.username.c_str(), "packit");
  assert_true(info.scopes == (ScopeNames{"github:token", "user:token"}));
  assert_true(info.created == fixture.now());
  assert_true(info.expires == fixture.now() + 24h);
  assert_true(fixture.data_of(issued.value().token) == info);
  const auto history = fixture.history();
  assert_int_equal(history.size(), 1);
  assert_true(history[0].action == HistoryAction::create);
  assert_true(history[0].token == info);
  assert_true(history[0].actor == AccessWorld::user("packit").actor);
  assert_true(history[0].time == fixture.now());
}

// and of a user token.
TEST(AccessWorld, a_user_token_has_name_scopes_and_end_as_asked_for_and_no_parent) {
  const auto session = fixture.create_session(AccessWorld::user("packit"));
  const auto issued = fixture.create_user(
      AccessWorld::holder(session.value().info),
      {.name = "laptop", .scopes = {"github:token"}, .expiry = {.at = fixture.now() + 1h}});
  const AccessTokenInfo& info = issued.value().info;
  assert_true(info.type == TokenType::user);
  assert_string_equal(info.name.c_str(), "laptop");
  assert_string_equal(info.parent.c_str(), "");
  assert_true(info.scopes == ScopeNames{"github:token"});
  assert_true(info.expires == fixture.now() + 1h);
  assert_true(fixture.data_of(issued.value().token) == info);
  assert_true(fixture.history().back().token == info);
}

TEST(AccessWorld, a_user_token_lives_as_configured_where_its_maker_does_not_say) {
  const auto issued = fixture.create_user(AccessWorld::user("packit"), {.name = "laptop"});
  assert_true(issued.value().info.expires == fixture.now() + 24h * 90);
}

TEST(AccessWorld, a_created_token_is_there_after_a_restart) {
  const auto issued = fixture.create_session(AccessWorld::user("packit"));
  fixture.restart();
  assert_true(fixture.data_of(issued.value().token) == issued.value().info);
}

TEST(AccessWorld, a_token_is_not_answered_before_it_is_on_disk) {
  bool answered = false;
  const OperationPtr operation = fixture.tokens->create_session_token(
      AccessWorld::user("packit"), {}, [&](Result<IssuedToken>) { answered = true; });
  fixture.timers.step(fixture.clock.now());
  assert_false(answered);
  fixture.settle();
  assert_true(answered);
}

TEST(AccessWorld, a_token_that_could_not_be_stored_is_not_given) {
  (void)fixture.writer->add({.name = "", .apply = [](WriteTxn&) { return Done{}; }});
  (void)fixture.writer->add({.name = "", .apply = [](WriteTxn&) {
                               return Error{TOKMAN_E_STORE, "the disk is full"};
                             }});
  const auto refused = fixture.create_session(AccessWorld::user("packit"));
  assert_int_equal(refused.error().code, TOKMAN_E_STORE);
  assert_int_equal(fixture.history().size(), 0);
}

TEST(AccessWorld, nothing_is_done_with_a_token_that_is_deleted_meanwhile) {
  const AccessCaller admin = AccessWorld::admin();
  const AccessCaller session = AccessWorld::holder(fixture.create_session(admin).value().info);
  const std::string other = fixture.create_user(admin, {.name = "a"}).value().info.key;
  std::vector<Error> refused;
  const auto expect_refusal = [&](const auto& answer) { refused.push_back(answer.error()); };
  AccessTokens& tokens = *fixture.tokens;
  fixture.operations.push_back(
      tokens.delete_token(admin, session.token->key, {}, [](const Result<std::int64_t>&) {}));
  fixture.operations.push_back(tokens.create_user_token(session, {.name = "b"}, expect_refusal));
  fixture.operations.push_back(
      tokens.modify_token(session, other, {}, {.name = "c"}, expect_refusal));
  fixture.operations.push_back(tokens.delete_token(session, other, {}, expect_refusal));
  fixture.settle();
  assert_int_equal(refused.size(), 3);
  for (const Error& error : refused) assert_int_equal(error.code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(AccessWorld, a_caller_who_goes_away_is_not_answered_and_the_token_is_made) {
  bool answered = false;
  OperationPtr operation = fixture.tokens->create_session_token(
      AccessWorld::user("packit"), {}, [&](Result<IssuedToken>) { answered = true; });
  operation.reset();
  fixture.settle();
  assert_false(answered);
  assert_int_equal(fixture.history().size(), 1);
}

TEST(AccessWorld, a_full_queue_of_changes_is_busy) {
  for (std::size_t i = 0; i <= StoreWriter::kChangesMax; ++i) {
    (void)fixture.writer->add({.name = "", .apply = [](WriteTxn&) { return Done{}; }});
  }
  const auto refused = fixture.create_session(AccessWorld::user("packit"));
  assert_int_equal(refused.error().code, TOKMAN_E_BUSY);
}

TEST(AccessWorld, a_session_may_have_fewer_scopes_than_its_maker_and_not_more) {
  const AccessCaller caller = AccessWorld::user("packit");
  assert_true(fixture.create_session(caller, ScopeNames()).value().info.scopes.empty());
  const auto refused = fixture.create_session(caller, ScopeNames{"admin:token"});
  assert_int_equal(refused.error().code, TOKMAN_E_DENIED);
  assert_string_equal(refused.error().field.c_str(), "scopes");
}

TEST(AccessWorld, a_session_is_not_made_of_a_token_or_by_a_client) {
  const auto session = fixture.create_session(AccessWorld::user("packit"));
  const auto again = fixture.create_session(AccessWorld::holder(session.value().info));
  assert_int_equal(again.error().code, TOKMAN_E_DENIED);
  AccessCaller client = AccessWorld::user("");
  client.client = "agent";
  assert_int_equal(fixture.create_session(client).error().code, TOKMAN_E_DENIED);
}

// GF-10: for a user's and an administrator's token.
TEST(AccessWorld, a_token_must_live_for_300_seconds) {
  struct Case {
    std::chrono::seconds after;
    bool is_accepted;
  };
  const auto since_1970 = fixture.now().time_since_epoch();
  const Case cases[] = {{-2 * since_1970, false},
                        {-since_1970 - 1s, false},
                        {-since_1970, false},
                        {0s, false},
                        {299s, false},
                        {300s, true}};
  for (const Case& one : cases) {
    const WantedExpiry expiry{.at = fixture.now() + one.after};
    const std::string name = "n" + std::to_string(one.after.count());
    const auto own =
        fixture.create_user(AccessWorld::user("packit"), {.name = name, .expiry = expiry});
    const auto by_admin = fixture.create_by_admin(
        AccessWorld::admin(), {.username = "bob", .name = name, .expiry = expiry});
    for (const auto* issued : {&own, &by_admin}) {
      assert_int_equal(issued->ok(), one.is_accepted);
      if (!issued->ok()) assert_string_equal(issued->error().field.c_str(), "expires");
    }
  }
}

TEST(AccessWorld, a_token_that_never_expires_needs_admin_token) {
  const WantedExpiry never{.never = NoExpiry::yes};
  const auto refused =
      fixture.create_user(AccessWorld::user("packit"), {.name = "laptop", .expiry = never});
  assert_int_equal(refused.error().code, TOKMAN_E_DENIED);
  const auto made = fixture.create_user(AccessWorld::admin(), {.name = "laptop", .expiry = never});
  assert_false(made.value().info.expires.has_value());
}

TEST(AccessWorld, an_end_and_no_end_exclude_each_other) {
  const auto refused = fixture.create_user(
      AccessWorld::admin(),
      {.name = "a", .expiry = {.at = fixture.now() + 1h, .never = NoExpiry::yes}});
  assert_int_equal(refused.error().code, TOKMAN_E_INVALID_ARGUMENT);
  assert_string_equal(refused.error().field.c_str(), "no_expire");
}

TEST(AccessWorld, an_end_that_no_calendar_has_is_refused) {
  const auto refused = fixture.create_user(
      AccessWorld::admin(), {.name = "a", .expiry = {.at = UnixTime(253'402'300'800s)}});
  assert_string_equal(refused.error().field.c_str(), "expires");
}

// GF-11
TEST(AccessWorld, a_scope_that_there_is_not_is_refused_by_name) {
  const auto refused =
      fixture.create_user(AccessWorld::admin(), {.name = "a", .scopes = {"write:all"}});
  assert_int_equal(refused.error().code, TOKMAN_E_INVALID_ARGUMENT);
  assert_string_equal(refused.error().field.c_str(), "scopes");
  assert_non_null(strstr(refused.error().message.c_str(), "write:all"));
}

TEST(AccessWorld, a_scope_that_its_maker_lacks_is_refused_unless_that_is_an_administrator) {
  const UserTokenRequest request{.name = "laptop", .scopes = {"read:all"}};
  const auto refused = fixture.create_user(AccessWorld::user("packit"), request);
  assert_int_equal(refused.error().code, TOKMAN_E_DENIED);
  assert_string_equal(refused.error().field.c_str(), "scopes");
  assert_true(fixture.create_user(AccessWorld::admin(), request).ok());
}

TEST(AccessWorld, a_name_is_unique_among_the_tokens_of_one_user) {
  const UserTokenRequest request{.name = "laptop"};
  assert_true(fixture.create_user(AccessWorld::user("packit"), request).ok());
  const auto refused = fixture.create_user(AccessWorld::user("packit"), request);
  assert_int_equal(refused.error().code, TOKMAN_E_DUPLICATE_NAME);
  assert_string_equal(refused.error().field.c_str(), "name");
  assert_true(fixture.create_user(AccessWorld::user("bob"), request).ok());
}

TEST(AccessWorld, of_two_that_want_a_name_at_once_one_gets_it) {
  int made = 0;
  for (int i = 0; i < 2; ++i) {
    fixture.operations.push_back(fixture.tokens->create_user_token(
        AccessWorld::user("packit"), {.name = "laptop"},
        [&](const Result<IssuedToken>& issued) { made += issued.ok() ? 1 : 0; }));
  }
  fixture.settle();
  assert_int_equal(made, 1);
}

TEST(AccessWorld, a_name_is_free_again_when_its_token_is_deleted) {
  const AccessCaller packit = AccessWorld::user("packit");
  const auto first = fixture.create_user(packit, {.name = "laptop"});
  assert_int_equal(fixture.remove(packit, first.value().info.key).value(), 1);
  assert_true(fixture.create_user(packit, {.name = "laptop"}).ok());
}

TEST(AccessWorld, a_name_is_free_from_the_second_its_token_expires) {
  const AccessCaller packit = AccessWorld::user("packit");
  const UserTokenRequest request{.name = "laptop", .expiry = {.at = fixture.now() + 1h}};
  const auto first = fixture.create_user(packit, request);
  (void)fixture.child_of(first.value().info, AccessWorld::notebook());
  fixture.pass(1h - 1s);
  assert_false(fixture.create_user(packit, {.name = "laptop"}).ok());
  fixture.pass(1s);
  assert_true(fixture.create_user(packit, {.name = "laptop"}).ok());
  const auto history = fixture.history();
  assert_int_equal(history.size(), 5);
  assert_true(history[2].action == HistoryAction::expire);
  assert_true(history[2].token.type == TokenType::notebook);
  assert_true(history[3].action == HistoryAction::expire);
  assert_true(history[3].token == first.value().info);
  assert_string_equal(history[3].actor.name.c_str(), kInternalActor);
}

// GF-9
TEST(AccessWorld, only_an_administrator_makes_tokens_for_others) {
  const AdminTokenRequest request{.username = "bob", .name = "laptop"};
  assert_int_equal(fixture.create_by_admin(AccessWorld::user("packit"), request).error().code,
                   TOKMAN_E_DENIED);
  const auto made = fixture.create_by_admin(AccessWorld::admin(), request);
  assert_string_equal(made.value().info.username.c_str(), "bob");
  assert_string_equal(fixture.history().back().actor.name.c_str(), "root");
  assert_int_equal(fixture.create_by_admin(AccessWorld::admin(), request).error().code,
                   TOKMAN_E_DUPLICATE_NAME);
}

TEST(AccessWorld, a_service_token_is_of_a_bot_and_has_no_name) {
  const auto made = fixture.create_by_admin(
      AccessWorld::admin(),
      {.username = "bot-ci", .type = TokenType::service, .scopes = {"read:all"}});
  assert_true(made.value().info.type == TokenType::service);
  assert_true(made.value().info.expires == fixture.now() + 24h * 90);
  assert_true(fixture.data_of(made.value().token) == made.value().info);
}

TEST(AccessWorld, what_an_administrator_must_not_ask_for_is_refused_by_name) {
  struct Case {
    AdminTokenRequest request;
    const char* field;
  };
  const Case cases[] = {
      {{.username = "bob", .type = TokenType::session}, "type"},
      {{.username = "bob", .type = TokenType::internal}, "type"},
      {{.username = "bob"}, "name"},
      {{.username = "bob", .name = "a\n"}, "name"},
      {{.username = "bob", .type = TokenType::service}, "username"},
      {{.username = "bot-", .type = TokenType::service}, "username"},
      {{.username = "bot-ci", .type = TokenType::service, .name = "a"}, "name"},
      {{.username = "bob", .name = "a", .scopes = {"write:all"}}, "scopes"},
  };
  for (const Case& one : cases) {
    const auto refused = fixture.create_by_admin(AccessWorld::admin(), one.request);
    assert_int_equal(refused.error().code, TOKMAN_E_INVALID_ARGUMENT);
    assert_string_equal(refused.error().field.c_str(), one.field);
  }
}

// GF-17: in every operation that makes a token of a name.
TEST(AccessWorld, a_user_without_a_valid_name_gets_no_token) {
  const char* const names[] = {"",          "<bootstrap>", "<internal>", "in+valid",  " invalid",
                               "invalid ",  "in/valid",    "in@valid",   "-invalid",  "invalid-",
                               "in--valid", "1234567",     "Invalid",    "invalid\n", "in\nvalid"};
  for (const char* name : names) {
    const AccessCaller caller = AccessWorld::user(name);
    assert_int_equal(fixture.create_session(caller).error().code, TOKMAN_E_DENIED);
    assert_int_equal(fixture.create_user(caller, {.name = "a"}).error().code, TOKMAN_E_DENIED);
    assert_string_equal(
        fixture.create_by_admin(AccessWorld::admin(), {.username = name, .name = "a"})
            .error()
            .field.c_str(),
        "username");
  }
  for (const char* name : {"a", "a1", "a-b", "_apt", "www-data", "first.last"}) {
    assert_true(fixture.create_session(AccessWorld::user(name)).ok());
  }
}

TEST(AccessWorld, a_user_has_a_bounded_number_of_tokens_children_included) {
  fixture.terms.tokens_per_user = 2;
  const AccessCaller packit = AccessWorld::user("packit");
  const auto session = fixture.create_session(packit);
  const auto child = fixture.child_of(session.value().info, AccessWorld::notebook());
  assert_int_equal(fixture.create_session(packit).error().code, TOKMAN_E_BUSY);
  assert_int_equal(fixture.child_of(session.value().info, AccessWorld::oidc()).error().code,
                   TOKMAN_E_BUSY);
  assert_true(fixture.child_of(session.value().info, AccessWorld::notebook()).ok());
  assert_true(fixture.create_session(AccessWorld::user("eve")).ok());
  fixture.remove(packit, child.value().info.key).value();
  assert_true(fixture.create_session(packit).ok());
}

TEST(AccessWorld, no_secret_is_in_the_file_or_in_the_log) {
  const auto issued = fixture.create_session(AccessWorld::user("packit"));
  const auto child = fixture.child_of(issued.value().info, AccessWorld::notebook());
  for (const auto* one : {&issued, &child}) {
    const std::string secret(one->value().token.reveal().substr(27));
    assert_true(fixture.file_content().find(secret) == std::string::npos);
    assert_int_equal(fixture.lines.count(secret), 0);
  }
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(AccessWorld, a_session_lives_for_a_token_lifetime_with_all_of_its_makers_scopes),
      RUN(AccessWorld, a_user_token_has_name_scopes_and_end_as_asked_for_and_no_parent),
      RUN(AccessWorld, a_user_token_lives_as_configured_where_its_maker_does_not_say),
      RUN(AccessWorld, a_created_token_is_there_after_a_restart),
      RUN(AccessWorld, a_token_is_not_answered_before_it_is_on_disk),
      RUN(AccessWorld, a_token_that_could_not_be_stored_is_not_given),
      RUN(AccessWorld, nothing_is_done_with_a_token_that_is_deleted_meanwhile),
      RUN(AccessWorld, a_caller_who_goes_away_is_not_answered_and_the_token_is_made),
      RUN(AccessWorld, a_full_queue_of_changes_is_busy),
      RUN(AccessWorld, a_session_may_have_fewer_scopes_than_its_maker_and_not_more),
      RUN(AccessWorld, a_session_is_not_made_of_a_token_or_by_a_client),
      RUN(AccessWorld, a_token_must_live_for_300_seconds),
      RUN(AccessWorld, a_token_that_never_expires_needs_admin_token),
      RUN(AccessWorld, an_end_and_no_end_exclude_each_other),
      RUN(AccessWorld, an_end_that_no_calendar_has_is_refused),
      RUN(AccessWorld, a_scope_that_there_is_not_is_refused_by_name),
      RUN(AccessWorld, a_scope_that_its_maker_lacks_is_refused_unless_that_is_an_administrator),
      RUN(AccessWorld, a_name_is_unique_among_the_tokens_of_one_user),
      RUN(AccessWorld, of_two_that_want_a_name_at_once_one_gets_it),
      RUN(AccessWorld, a_name_is_free_again_when_its_token_is_deleted),
      RUN(AccessWorld, a_name_is_free_from_the_second_its_token_expires),
      RUN(AccessWorld, only_an_administrator_makes_tokens_for_others),
      RUN(AccessWorld, a_service_token_is_of_a_bot_and_has_no_name),
      RUN(AccessWorld, what_an_administrator_must_not_ask_for_is_refused_by_name),
      RUN(AccessWorld, a_user_without_a_valid_name_gets_no_token),
      RUN(AccessWorld, a_user_has_a_bounded_number_of_tokens_children_included),
      RUN(AccessWorld, no_secret_is_in_the_file_or_in_the_log),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
