// Who presents a token or asks what there is: what is judged to be one, and what lists show.
#include <algorithm>
#include <set>

#include "tests/component/access/access_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct Judged : AccessWorld {
  AccessCaller packit = user("packit");
  IssuedToken token = create_session(packit).value();

  Result<AccessTokenInfo> judge(const std::string& text) {
    return tokens->judge(*parse_access_token(text), now());
  }
  std::string text() const { return std::string(token.token.reveal()); }

  void make_sessions(int number, const std::string& username) {
    for (int i = 0; i < number; ++i) {
      operations.push_back(
          tokens->create_session_token(user(username), {}, [](const Result<IssuedToken>&) {}));
      pass(1s);
    }
    settle();
  }
};

TEST(Judged, a_token_is_good_until_the_second_it_expires) {
  fixture.pass(24h - 1s);
  assert_true(fixture.judge(fixture.text()).value() == fixture.token.info);
  fixture.pass(1s);
  assert_int_equal(fixture.judge(fixture.text()).error().code, TOKMAN_E_TOKEN_EXPIRED);
  assert_false(fixture.data_of(fixture.token.token).has_value());
}

TEST(Judged, an_unknown_key_and_a_wrong_secret_have_one_answer) {
  const std::string other(fixture.create_session(fixture.packit).value().token.reveal());
  const Error wrong = fixture.judge(fixture.text().substr(0, 27) + other.substr(27)).error();
  const Error unknown =
      fixture.judge("tmk_WlpaWlpaWlpaWlpaWlpaWg." + fixture.text().substr(27)).error();
  for (const Error& error : {wrong, unknown}) {
    assert_int_equal(error.code, TOKMAN_E_UNAUTHENTICATED);
    assert_string_equal(error.message.c_str(), wrong.message.c_str());
    assert_string_equal(error.field.c_str(), "auth");
  }
}

TEST(Judged, a_wrong_secret_of_an_expired_token_is_not_told_that_it_has_expired) {
  const std::string other(fixture.create_session(fixture.packit).value().token.reveal());
  fixture.pass(24h);
  const auto refused = fixture.judge(fixture.text().substr(0, 27) + other.substr(27));
  assert_int_equal(refused.error().code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(Judged, a_malformed_text_is_no_token) {
  assert_false(fixture.tokens->get_data(fixture.text() + "\n").has_value());
  assert_false(fixture.tokens->get_data("").has_value());
}

TEST(Judged, a_token_is_read_once_until_any_credential_changes) {
  (void)fixture.judge(fixture.text()).value();
  // As nobody does who keeps the rules: what is remembered says otherwise.
  (void)fixture.database->store().write([&](WriteTxn& txn) {
    return AccessTokenTable(*fixture.database).remove(txn, fixture.token.info);
  });
  assert_true(fixture.judge(fixture.text()).ok());
  fixture.epoch.advance();
  assert_int_equal(fixture.judge(fixture.text()).error().code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(Judged, more_tokens_than_are_remembered_are_judged_all_the_same) {
  JudgedTokens judged(fixture.epoch);
  for (std::size_t i = 0; i <= JudgedTokens::kRememberedMax; ++i) {
    const std::string key = std::to_string(i);
    assert_null(judged.find(key));
    AccessTokenInfo info;
    info.key = key;
    assert_true(judged.keep({info, "hash"})->info == info);
    assert_non_null(judged.find(key));
  }
  assert_null(judged.find("0"));
}

TEST(Judged, a_token_that_was_judged_before_it_was_deleted_is_none_afterwards) {
  (void)fixture.judge(fixture.text()).value();
  fixture.remove(fixture.packit, fixture.token.info.key).value();
  assert_int_equal(fixture.judge(fixture.text()).error().code, TOKMAN_E_UNAUTHENTICATED);
}

// GF-18
TEST(Judged, a_damaged_record_is_no_token_and_is_logged) {
  fixture.tokens.reset();
  fixture.close();
  fixture.corrupt("access_tokens");
  fixture.restart();
  assert_int_equal(fixture.judge(fixture.text()).error().code, TOKMAN_E_UNAUTHENTICATED);
  assert_false(fixture.data_of(fixture.token.token).has_value());
  assert_int_equal(fixture.lines.count("access token not judged"), 2);
  const auto refused = fixture.remove(fixture.packit, fixture.token.info.key);
  assert_int_equal(refused.error().code, TOKMAN_E_STORE);
}

TEST(Judged, one_damaged_record_disturbs_no_other_change_of_its_batch) {
  fixture.tokens.reset();
  fixture.close();
  fixture.corrupt("access_tokens");
  fixture.restart();
  int made = 0;
  fixture.operations.push_back(fixture.tokens->delete_token(
      fixture.packit, fixture.token.info.key, {}, [](const Result<std::int64_t>&) {}));
  fixture.operations.push_back(fixture.tokens->create_session_token(
      fixture.packit, {}, [&](const Result<IssuedToken>& issued) { made += issued.ok(); }));
  fixture.settle();
  assert_int_equal(made, 1);
}

TEST(Judged, the_owner_and_an_administrator_see_what_is_known_of_a_token) {
  const std::string& key = fixture.token.info.key;
  for (const AccessCaller& caller : {fixture.packit, AccessWorld::admin()}) {
    assert_true(fixture.tokens->get_token_info(caller, key, {}).value() == fixture.token.info);
  }
}

TEST(Judged, a_list_shows_ones_own_tokens_that_live) {
  fixture.make_sessions(2, "eve");
  assert_int_equal(fixture.list(fixture.packit).value().tokens.size(), 1);
  assert_int_equal(fixture.list(AccessWorld::user("eve")).value().tokens.size(), 2);
  fixture.pass(24h);
  assert_int_equal(fixture.list(fixture.packit).value().tokens.size(), 0);
}

TEST(Judged, an_administrator_lists_anybodys_tokens_and_all) {
  fixture.make_sessions(2, "eve");
  const AccessCaller admin = AccessWorld::admin();
  assert_int_equal(fixture.list(admin).value().tokens.size(), 0);
  assert_int_equal(fixture.list(admin, {.username = "eve"}).value().tokens.size(), 2);
  assert_int_equal(fixture.list(admin, {.all = true}).value().tokens.size(), 3);
}

TEST(Judged, nobody_else_lists_tokens_of_others) {
  for (const TokenListRequest& request :
       {TokenListRequest{.username = "eve"}, TokenListRequest{.all = true},
        TokenListRequest{.username = ""}}) {
    assert_int_equal(fixture.list(fixture.packit, request).error().code, TOKMAN_E_DENIED);
  }
}

TEST(Judged, a_list_has_only_the_types_asked_for) {
  (void)fixture.child_of(fixture.token.info, AccessWorld::notebook());
  const auto page = fixture.list(fixture.packit, {.types = {TokenType::notebook}});
  assert_int_equal(page.value().tokens.size(), 1);
  assert_true(page.value().tokens[0].type == TokenType::notebook);
}

TEST(Judged, pages_follow_one_another_while_tokens_come_and_go) {
  fixture.make_sessions(50, "eve");
  const AccessCaller eve = AccessWorld::user("eve");
  std::vector<std::string> keys;
  TokenListRequest request{.limit = 20};
  do {
    const TokenPage page = fixture.list(eve, request).value();
    for (const AccessTokenInfo& info : page.tokens) keys.push_back(info.key);
    request.cursor = page.next;
    fixture.create_session(eve).value();
    fixture.remove(eve, page.tokens.back().key).value();
  } while (!request.cursor->empty());
  assert_int_equal(keys.size(), 50);
  assert_int_equal(std::set<std::string>(keys.begin(), keys.end()).size(), 50);
}

TEST(Judged, the_last_page_names_no_next_one) {
  assert_string_equal(fixture.list(fixture.packit, {.limit = 1}).value().next.c_str(), "");
}

TEST(Judged, a_page_has_100_tokens_unless_up_to_1000_are_asked_for) {
  fixture.make_sessions(101, "eve");
  const AccessCaller eve = AccessWorld::user("eve");
  assert_int_equal(fixture.list(eve).value().tokens.size(), 100);
  assert_int_equal(fixture.list(eve, {.limit = 1000}).value().tokens.size(), 101);
  for (const std::int64_t limit : {-1, 0, 1001}) {
    assert_string_equal(fixture.list(eve, {.limit = limit}).error().field.c_str(), "limit");
  }
}

TEST(Judged, a_cursor_that_no_page_named_is_refused) {
  for (const char* cursor :
       {"", "x", "AAAA", "a cursor", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
    const auto refused = fixture.list(fixture.packit, {.cursor = cursor});
    assert_int_equal(refused.error().code, TOKMAN_E_INVALID_ARGUMENT);
    assert_string_equal(refused.error().field.c_str(), "cursor");
  }
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Judged, a_token_is_good_until_the_second_it_expires),
      RUN(Judged, an_unknown_key_and_a_wrong_secret_have_one_answer),
      RUN(Judged, a_wrong_secret_of_an_expired_token_is_not_told_that_it_has_expired),
      RUN(Judged, a_malformed_text_is_no_token),
      RUN(Judged, a_token_is_read_once_until_any_credential_changes),
      RUN(Judged, more_tokens_than_are_remembered_are_judged_all_the_same),
      RUN(Judged, a_token_that_was_judged_before_it_was_deleted_is_none_afterwards),
      RUN(Judged, a_damaged_record_is_no_token_and_is_logged),
      RUN(Judged, one_damaged_record_disturbs_no_other_change_of_its_batch),
      RUN(Judged, the_owner_and_an_administrator_see_what_is_known_of_a_token),
      RUN(Judged, a_list_shows_ones_own_tokens_that_live),
      RUN(Judged, an_administrator_lists_anybodys_tokens_and_all),
      RUN(Judged, nobody_else_lists_tokens_of_others),
      RUN(Judged, a_list_has_only_the_types_asked_for),
      RUN(Judged, pages_follow_one_another_while_tokens_come_and_go),
      RUN(Judged, the_last_page_names_no_next_one),
      RUN(Judged, a_page_has_100_tokens_unless_up_to_1000_are_asked_for),
      RUN(Judged, a_cursor_that_no_page_named_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
