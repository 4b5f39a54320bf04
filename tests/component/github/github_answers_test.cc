// What is read from GitHub's answers, and which answers are not usable.
#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_github_answers.h"

namespace tokman {
namespace {

constexpr const char* kExpiry = "2027-01-15T08:00:00Z";

struct AnswersFixture {
  std::string token = std::string(40, 't');

  std::string body(const std::string& more = "") const {
    return R"({"token":")" + token + R"(","expires_at":")" + kExpiry + "\"" + more + "}";
  }
  bool is_usable(const std::string& text) const { return parse_minted_token(text).ok(); }
  bool is_time(const std::string& text) const { return parse_github_time(text).ok(); }
  std::int64_t seconds(const std::string& text) const {
    return parse_github_time(text).value().time_since_epoch().count();
  }
};

TEST(AnswersFixture, the_token_is_read) {
  const auto minted = parse_minted_token(fixture.body());
  assert_true(minted.value().text.reveal() == fixture.token);
}

TEST(AnswersFixture, the_end_of_its_life_is_read) {
  const auto minted = parse_minted_token(fixture.body());
  assert_int_equal(minted.value().expires_at.time_since_epoch().count(), 1'800'000'000);
}

TEST(AnswersFixture, only_token_and_expires_at_are_needed) {
  const auto minted = parse_minted_token(fixture.body());
  assert_true(minted.value().permissions.empty());
  assert_true(minted.value().repositories.empty());
}

TEST(AnswersFixture, the_permissions_that_were_granted_are_read) {
  const auto minted =
      parse_minted_token(fixture.body(R"(,"permissions":{"contents":"write","issues":"read"})"));
  assert_string_equal(minted.value().permissions.to_string().c_str(), "contents:write,issues:read");
}

TEST(AnswersFixture, a_level_that_nobody_knows_is_left_out) {
  const auto minted =
      parse_minted_token(fixture.body(R"(,"permissions":{"contents":"read","new":"maintain"})"));
  assert_string_equal(minted.value().permissions.to_string().c_str(), "contents:read");
}

TEST(AnswersFixture, a_level_that_is_no_text_is_left_out) {
  const auto minted = parse_minted_token(fixture.body(R"(,"permissions":{"contents":7})"));
  assert_true(minted.value().permissions.empty());
}

TEST(AnswersFixture, permissions_that_are_no_object_are_none) {
  const auto minted = parse_minted_token(fixture.body(R"(,"permissions":["contents"])"));
  assert_true(minted.value().permissions.empty());
}

TEST(AnswersFixture, five_hundred_repositories_are_read) {
  std::string list;
  for (int i = 0; i < 500; ++i) {
    if (i > 0) list += ',';
    list += R"({"id":1,"description":")" + std::string(4000, 'd') +
            R"(","full_name":"o/r","name":"r)" + std::to_string(i) + "\"}";
  }
  const auto minted = parse_minted_token(fixture.body(",\"repositories\":[" + list + "]"));
  assert_int_equal(minted.value().repositories.size(), 500);
  assert_string_equal(minted.value().repositories.back().c_str(), "r499");
}

TEST(AnswersFixture, a_repository_without_a_name_is_left_out) {
  const auto minted =
      parse_minted_token(fixture.body(R"(,"repositories":[{"id":1},{"name":"r"}])"));
  assert_int_equal(minted.value().repositories.size(), 1);
}

TEST(AnswersFixture, members_that_nobody_knows_are_ignored) {
  assert_true(fixture.is_usable(fixture.body(R"(,"repository_selection":"all","x":[null])")));
}

TEST(AnswersFixture, a_token_of_39_bytes_is_too_short) {
  fixture.token.resize(39);
  assert_false(fixture.is_usable(fixture.body()));
}

TEST(AnswersFixture, a_token_of_4096_bytes_is_read) {
  fixture.token.assign(4096, 't');
  assert_true(fixture.is_usable(fixture.body()));
}

TEST(AnswersFixture, a_token_of_4097_bytes_is_too_long) {
  fixture.token.assign(4097, 't');
  assert_false(fixture.is_usable(fixture.body()));
}

TEST(AnswersFixture, an_answer_without_a_token_is_not_usable) {
  assert_false(fixture.is_usable(R"({"expires_at":"2027-01-15T08:00:00Z"})"));
}

TEST(AnswersFixture, an_answer_without_expires_at_is_not_usable) {
  assert_false(fixture.is_usable(R"({"token":")" + fixture.token + "\"}"));
}

TEST(AnswersFixture, half_an_answer_is_not_usable) {
  assert_false(fixture.is_usable(fixture.body().substr(0, 60)));
}

TEST(AnswersFixture, garbage_is_not_usable) {
  assert_false(fixture.is_usable("\xff\xfe\0garbage"));
}

TEST(AnswersFixture, a_list_is_not_usable) { assert_false(fixture.is_usable("[]")); }

TEST(AnswersFixture, very_deep_json_is_not_usable) {
  assert_false(fixture.is_usable(std::string(100'000, '[')));
}

TEST(AnswersFixture, an_answer_that_is_not_usable_may_be_asked_for_again) {
  const auto minted = parse_minted_token("garbage");
  assert_int_equal(minted.error().code, TOKMAN_E_UPSTREAM_DOWN);
}

TEST(AnswersFixture, an_answer_that_is_not_usable_is_not_repeated) {
  const auto minted = parse_minted_token(fixture.body().substr(0, 60));
  assert_true(minted.error().message.find("ttt") == std::string::npos);
}

TEST(AnswersFixture, an_installation_is_read) {
  const auto installation = parse_installation(R"({"id":42,"account":{"login":"Octo-Org"}})");
  assert_int_equal(installation.value().id, 42);
  assert_string_equal(installation.value().account.c_str(), "Octo-Org");
}

TEST(AnswersFixture, an_installation_without_an_id_is_not_usable) {
  assert_false(parse_installation(R"({"account":{"login":"octo-org"}})").ok());
}

TEST(AnswersFixture, an_installation_with_id_zero_is_not_usable) {
  assert_false(parse_installation(R"({"id":0})").ok());
}

TEST(AnswersFixture, an_installation_without_an_account_is_read) {
  assert_true(parse_installation(R"({"id":42})").ok());
}

TEST(AnswersFixture, an_installation_that_is_suspended_is_an_error_of_its_own) {
  const auto installation =
      parse_installation(R"({"id":42,"suspended_at":"2026-01-01T00:00:00Z"})");
  assert_int_equal(installation.error().code, TOKMAN_E_INSTALLATION_SUSPENDED);
}

TEST(AnswersFixture, suspended_at_null_is_not_suspended) {
  assert_true(parse_installation(R"({"id":42,"suspended_at":null})").ok());
}

TEST(AnswersFixture, the_first_second_of_1970_is_zero) {
  assert_int_equal(fixture.seconds("1970-01-01T00:00:00Z"), 0);
}

TEST(AnswersFixture, the_29th_of_february_is_a_day_in_leap_years_only) {
  assert_true(fixture.is_time("2028-02-29T00:00:00Z"));
  assert_false(fixture.is_time("2027-02-29T00:00:00Z"));
}

TEST(AnswersFixture, other_forms_of_time_are_refused) {
  for (const char* text :
       {"", "now", "2027-01-15 08:00:00Z", "2027-01-15T08:00:00+00:00", "2027-01-15T08:00:00.000Z",
        "2027-13-01T00:00:00Z", "2027-01-15T24:00:00Z", "2027-01-15T08:60:00Z",
        "2027-01-1xT08:00:00Z"}) {
    assert_false(fixture.is_time(text));
  }
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(AnswersFixture, the_token_is_read),
      RUN(AnswersFixture, the_end_of_its_life_is_read),
      RUN(AnswersFixture, only_token_and_expires_at_are_needed),
      RUN(AnswersFixture, the_permissions_that_were_granted_are_read),
      RUN(AnswersFixture, a_level_that_nobody_knows_is_left_out),
      RUN(AnswersFixture, a_level_that_is_no_text_is_left_out),
      RUN(AnswersFixture, permissions_that_are_no_object_are_none),
      RUN(AnswersFixture, five_hundred_repositories_are_read),
      RUN(AnswersFixture, a_repository_without_a_name_is_left_out),
      RUN(AnswersFixture, members_that_nobody_knows_are_ignored),
      RUN(AnswersFixture, a_token_of_39_bytes_is_too_short),
      RUN(AnswersFixture, a_token_of_4096_bytes_is_read),
      RUN(AnswersFixture, a_token_of_4097_bytes_is_too_long),
      RUN(AnswersFixture, an_answer_without_a_token_is_not_usable),
      RUN(AnswersFixture, an_answer_without_expires_at_is_not_usable),
      RUN(AnswersFixture, half_an_answer_is_not_usable),
      RUN(AnswersFixture, garbage_is_not_usable),
      RUN(AnswersFixture, a_list_is_not_usable),
      RUN(AnswersFixture, very_deep_json_is_not_usable),
      RUN(AnswersFixture, an_answer_that_is_not_usable_may_be_asked_for_again),
      RUN(AnswersFixture, an_answer_that_is_not_usable_is_not_repeated),
      RUN(AnswersFixture, an_installation_is_read),
      RUN(AnswersFixture, an_installation_without_an_id_is_not_usable),
      RUN(AnswersFixture, an_installation_with_id_zero_is_not_usable),
      RUN(AnswersFixture, an_installation_without_an_account_is_read),
      RUN(AnswersFixture, an_installation_that_is_suspended_is_an_error_of_its_own),
      RUN(AnswersFixture, suspended_at_null_is_not_suspended),
      RUN(AnswersFixture, the_first_second_of_1970_is_zero),
      RUN(AnswersFixture, the_29th_of_february_is_a_day_in_leap_years_only),
      RUN(AnswersFixture, other_forms_of_time_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
