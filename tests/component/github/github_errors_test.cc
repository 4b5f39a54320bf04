// Every refusal that GitHub is known to give, by its exact text, and those that nobody knows.
#include "daemon/services/github/github_errors.h"

#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_http_client.h"

namespace tokman {
namespace {

struct ErrorsFixture {
  Error error;

  void said(int status, const std::string& message) {
    error = error_from_answer(github_refusal(status, message));
  }
  void answered(int status, std::string_view body, const std::string& retry_after = "") {
    error = error_from_answer(github_answer(status, body, {{"retry-after", retry_after}}));
  }
  bool means(std::string_view text) const { return error.message.find(text) == 0; }
};

TEST(ErrorsFixture, a_jwt_of_another_key_is_the_apps_fault) {
  fixture.said(401, "A JSON web token could not be decoded");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
  assert_true(fixture.means("the private key does not belong to the app"));
}

TEST(ErrorsFixture, an_old_server_wants_the_app_id) {
  fixture.said(401, "'Issuer' claim ('iss') must be an Integer");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
  assert_true(fixture.means("this server wants the app id"));
}

TEST(ErrorsFixture, a_missing_issuer_is_not_explained) {
  fixture.said(401, "Missing 'issuer' claim ('iss') in assertion");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
  assert_true(fixture.means("GitHub does not accept the app's credentials"));
}

TEST(ErrorsFixture, an_iat_in_the_future_means_that_our_clock_is_ahead) {
  fixture.said(401,
               "'Issued at' claim ('iat') must be an Integer representing the time that the "
               "assertion was issued");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
  assert_true(fixture.means("this machine's clock is ahead"));
}

TEST(ErrorsFixture, an_exp_in_the_past_means_that_our_clock_is_behind) {
  fixture.said(401,
               "'Expiration time' claim ('exp') must be a numeric value representing the future "
               "time at which the assertion expires");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
  assert_true(fixture.means("this machine's clock is behind"));
}

TEST(ErrorsFixture, an_exp_too_far_away_means_that_our_clock_is_ahead) {
  fixture.said(401, "'Expiration time' claim ('exp') is too far in the future");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
  assert_true(fixture.means("this machine's clock is ahead"));
}

TEST(ErrorsFixture, an_app_without_a_key_is_the_apps_fault) {
  fixture.said(401, "Integration must generate a public key");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
  assert_true(fixture.means("GitHub knows no key of the app"));
}

TEST(ErrorsFixture, bad_credentials_are_the_apps_fault) {
  fixture.said(401, "Bad credentials");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
}

TEST(ErrorsFixture, an_app_that_is_not_found_is_not_an_installation_that_is_not_found) {
  fixture.said(404, "Integration not found");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_AUTH);
}

TEST(ErrorsFixture, not_found_means_not_installed) {
  fixture.said(404, "Not Found");
  assert_int_equal(fixture.error.code, TOKMAN_E_APP_NOT_INSTALLED);
}

TEST(ErrorsFixture, a_suspended_installation_is_told) {
  fixture.said(403, "This installation has been suspended");
  assert_int_equal(fixture.error.code, TOKMAN_E_INSTALLATION_SUSPENDED);
}

TEST(ErrorsFixture, another_403_is_only_a_refusal) {
  fixture.said(403, "Resource not accessible by integration");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_REFUSED);
}

TEST(ErrorsFixture, a_permission_that_is_not_granted_is_told) {
  fixture.said(422, "The permissions requested are not granted to this installation.");
  assert_int_equal(fixture.error.code, TOKMAN_E_PERMISSION_NOT_GRANTED);
}

TEST(ErrorsFixture, a_level_that_is_not_granted_is_told) {
  fixture.said(422,
               "The level of access for permissions requested are not granted to this "
               "installation.");
  assert_int_equal(fixture.error.code, TOKMAN_E_PERMISSION_NOT_GRANTED);
}

TEST(ErrorsFixture, a_repository_out_of_reach_is_told) {
  fixture.said(422,
               "There is at least one repository that does not exist or is not accessible to the "
               "parent installation.");
  assert_int_equal(fixture.error.code, TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE);
}

TEST(ErrorsFixture, too_many_repositories_are_told) {
  fixture.said(422, "Too many repositories for installation");
  assert_int_equal(fixture.error.code, TOKMAN_E_TOO_MANY_REPOSITORIES);
}

TEST(ErrorsFixture, the_primary_limit_with_403_is_a_limit) {
  fixture.said(403, "API rate limit exceeded for installation ID 4242.");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_LIMITED);
}

TEST(ErrorsFixture, the_secondary_limit_with_403_is_a_limit) {
  fixture.said(403, "You have exceeded a secondary rate limit. Please wait a few minutes.");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_LIMITED);
}

TEST(ErrorsFixture, every_429_is_a_limit) {
  fixture.said(429, "");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_LIMITED);
}

TEST(ErrorsFixture, a_500_is_a_failure_in_passing) {
  fixture.said(500, "Server Error");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_DOWN);
}

TEST(ErrorsFixture, a_503_is_a_failure_in_passing_whatever_it_says) {
  fixture.said(503, "This installation has been suspended");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_DOWN);
}

TEST(ErrorsFixture, an_unknown_422_is_not_guessed_at) {
  fixture.said(422, "Validation Failed");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_REFUSED);
}

TEST(ErrorsFixture, an_unknown_status_is_not_guessed_at) {
  fixture.said(410, "Not Found");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_REFUSED);
}

TEST(ErrorsFixture, a_text_with_another_status_means_nothing) {
  fixture.said(400, "This installation has been suspended");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_REFUSED);
}

TEST(ErrorsFixture, the_caller_is_told_githubs_status_text_and_request_id) {
  fixture.said(422, "Validation Failed");
  assert_int_equal(fixture.error.github->status, 422);
  assert_string_equal(fixture.error.github->message.c_str(), "Validation Failed");
  assert_string_equal(fixture.error.github->request_id.c_str(), "C0DE:1234");
}

TEST(ErrorsFixture, a_description_says_what_it_means_and_what_github_said) {
  fixture.said(404, "Not Found");
  assert_string_equal(describe(fixture.error).c_str(),
                      "the app is not installed there (GitHub: 404 Not Found)");
}

TEST(ErrorsFixture, a_description_without_githubs_words_has_its_status) {
  fixture.answered(502, "");
  assert_string_equal(describe(fixture.error).c_str(), "GitHub is failing (GitHub: 502)");
}

TEST(ErrorsFixture, a_web_page_instead_of_json_is_not_repeated) {
  fixture.answered(502, "<html><body>Unicorn!</body></html>");
  assert_int_equal(fixture.error.code, TOKMAN_E_UPSTREAM_DOWN);
  assert_string_equal(fixture.error.message.c_str(), "GitHub is failing");
}

TEST(ErrorsFixture, a_404_without_a_text_means_not_installed) {
  fixture.answered(404, "");
  assert_int_equal(fixture.error.code, TOKMAN_E_APP_NOT_INSTALLED);
}

TEST(ErrorsFixture, a_message_that_is_no_text_is_left_out) {
  fixture.answered(400, R"({"message":{"x":1}})");
  assert_string_equal(fixture.error.github->message.c_str(), "");
}

TEST(ErrorsFixture, a_very_long_text_is_cut) {
  fixture.said(400, std::string(100'000, 'x'));
  assert_int_equal(fixture.error.github->message.size(), 500);
}

TEST(ErrorsFixture, an_answer_without_a_request_id_is_fine) {
  fixture.answered(404, "{}");
  assert_string_equal(fixture.error.github->request_id.c_str(), "");
}

TEST(ErrorsFixture, the_wait_that_github_asks_for_is_told) {
  fixture.answered(429, "{}", "30");
  assert_true(fixture.error.retry_after == std::chrono::seconds(30));
}

TEST(ErrorsFixture, a_wait_of_more_than_an_hour_is_an_hour) {
  fixture.answered(429, "{}", "999999999999");
  assert_true(fixture.error.retry_after == std::chrono::hours(1));
}

TEST(ErrorsFixture, a_wait_that_is_no_number_is_none) {
  fixture.answered(429, "{}", "Fri, 31 Dec 1999 23:59:59 GMT");
  assert_false(fixture.error.retry_after.has_value());
}

TEST(ErrorsFixture, a_negative_wait_is_none) {
  fixture.answered(429, "{}", "-5");
  assert_false(fixture.error.retry_after.has_value());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ErrorsFixture, a_jwt_of_another_key_is_the_apps_fault),
      RUN(ErrorsFixture, an_old_server_wants_the_app_id),
      RUN(ErrorsFixture, a_missing_issuer_is_not_explained),
      RUN(ErrorsFixture, an_iat_in_the_future_means_that_our_clock_is_ahead),
      RUN(ErrorsFixture, an_exp_in_the_past_means_that_our_clock_is_behind),
      RUN(ErrorsFixture, an_exp_too_far_away_means_that_our_clock_is_ahead),
      RUN(ErrorsFixture, an_app_without_a_key_is_the_apps_fault),
      RUN(ErrorsFixture, bad_credentials_are_the_apps_fault),
      RUN(ErrorsFixture, an_app_that_is_not_found_is_not_an_installation_that_is_not_found),
      RUN(ErrorsFixture, not_found_means_not_installed),
      RUN(ErrorsFixture, a_suspended_installation_is_told),
      RUN(ErrorsFixture, another_403_is_only_a_refusal),
      RUN(ErrorsFixture, a_permission_that_is_not_granted_is_told),
      RUN(ErrorsFixture, a_level_that_is_not_granted_is_told),
      RUN(ErrorsFixture, a_repository_out_of_reach_is_told),
      RUN(ErrorsFixture, too_many_repositories_are_told),
      RUN(ErrorsFixture, the_primary_limit_with_403_is_a_limit),
      RUN(ErrorsFixture, the_secondary_limit_with_403_is_a_limit),
      RUN(ErrorsFixture, every_429_is_a_limit),
      RUN(ErrorsFixture, a_500_is_a_failure_in_passing),
      RUN(ErrorsFixture, a_503_is_a_failure_in_passing_whatever_it_says),
      RUN(ErrorsFixture, an_unknown_422_is_not_guessed_at),
      RUN(ErrorsFixture, an_unknown_status_is_not_guessed_at),
      RUN(ErrorsFixture, a_text_with_another_status_means_nothing),
      RUN(ErrorsFixture, the_caller_is_told_githubs_status_text_and_request_id),
      RUN(ErrorsFixture, a_description_says_what_it_means_and_what_github_said),
      RUN(ErrorsFixture, a_description_without_githubs_words_has_its_status),
      RUN(ErrorsFixture, a_web_page_instead_of_json_is_not_repeated),
      RUN(ErrorsFixture, a_404_without_a_text_means_not_installed),
      RUN(ErrorsFixture, a_message_that_is_no_text_is_left_out),
      RUN(ErrorsFixture, a_very_long_text_is_cut),
      RUN(ErrorsFixture, an_answer_without_a_request_id_is_fine),
      RUN(ErrorsFixture, the_wait_that_github_asks_for_is_told),
      RUN(ErrorsFixture, a_wait_of_more_than_an_hour_is_an_hour),
      RUN(ErrorsFixture, a_wait_that_is_no_number_is_none),
      RUN(ErrorsFixture, a_negative_wait_is_none),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
