// A token that is not there yet: found out where, minted, and given.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

TEST(BrokerFixture, a_first_request_is_answered_with_a_minted_token) {
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.has_token());
  assert_true(caller.source == TokenSource::minted);
}

TEST(BrokerFixture, a_first_request_costs_one_look_up_and_one_mint) {
  fixture.ask();
  assert_int_equal(fixture.loop.http.count("GET"), 1);
  assert_int_equal(fixture.mint_requests(), 1);
}

TEST(BrokerFixture, a_second_repository_of_the_owner_costs_no_look_up) {
  fixture.ask();
  fixture.ask(fixture.order("spoon-knife"));
  assert_int_equal(fixture.loop.http.count("GET"), 1);
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(BrokerFixture, a_token_is_minted_for_just_what_was_asked) {
  fixture.ask();
  assert_string_equal(fixture.loop.http.calls().back().body.c_str(),
                      R"({"repositories":["hello-world"],"permissions":{"contents":"read"}})");
}

TEST(BrokerFixture, a_token_for_an_owner_names_no_repository) {
  fixture.ask(fixture.order(""));
  assert_string_equal(fixture.loop.http.calls().back().body.c_str(),
                      R"({"permissions":{"contents":"read"}})");
}

TEST(BrokerFixture, a_configured_installation_is_minted_at_without_a_look_up) {
  fixture.app.installations["octo-org"] = 42;
  fixture.ask();
  assert_int_equal(fixture.loop.http.count("GET"), 0);
  assert_int_equal(fixture.github.mints, 1);
}

TEST(BrokerFixture, nothing_is_called_back_before_get_returns) {
  assert_int_equal(fixture.start_asking().answers, 0);
}

TEST(BrokerFixture, a_token_that_lives_as_long_as_was_asked_is_given) {
  assert_true(fixture.ask(fixture.order_living(55min)).has_token());
}

TEST(BrokerFixture, a_token_that_lives_shorter_than_was_asked_is_not_given) {
  fixture.github.lifetime = 10min;
  const TokenCaller& caller = fixture.ask(fixture.order_living(10min + 1s));
  assert_true(caller.was_refused_with(TOKMAN_E_LIFETIME_UNSATISFIABLE));
}

TEST(BrokerFixture, a_token_that_lives_shorter_than_the_default_is_given) {
  fixture.github.lifetime = 4min;
  assert_true(fixture.ask().has_token());
}

TEST(BrokerFixture, a_mint_that_fails_in_passing_is_tried_again) {
  fixture.fail_mints(2, 502);
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(1s);
  assert_true(caller.has_token());
  assert_int_equal(fixture.mint_requests(), 3);
}

TEST(BrokerFixture, a_look_up_that_fails_in_passing_is_tried_again) {
  fixture.loop.http.answer_once(
      "GET https://api.github.com/repos/octo-org/hello-world/installation", 502, "");
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(1s);
  assert_true(caller.has_token());
}

TEST(BrokerFixture, a_signer_that_is_away_for_a_moment_is_waited_for) {
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer is gone"};
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.run();
  fixture.loop.signer.failure.reset();
  fixture.loop.advance(1s);
  assert_true(caller.has_token());
}

TEST(BrokerFixture, while_github_fails_a_caller_is_answered_within_its_time) {
  fixture.fail_mints(1000, 502);
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(10s);
  assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_DOWN));
}

TEST(BrokerFixture, while_look_ups_fail_a_caller_is_answered_within_its_time) {
  fixture.loop.http.answer_all([](const HttpCall&) { return github_refusal(502, ""); });
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(10s);
  assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_DOWN));
}

TEST(BrokerFixture, a_fetch_that_nobody_waits_for_any_more_ends) {
  fixture.fail_mints(1000, 502);
  fixture.start_asking();
  fixture.loop.advance(10s);
  const int requests = fixture.mint_requests();
  fixture.loop.advance(1h);
  assert_int_equal(fixture.mint_requests(), requests);
}

TEST(BrokerFixture, while_github_hangs_a_caller_is_answered_at_its_time) {
  fixture.loop.http.is_hanging = true;
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(10s - 1ms);
  assert_int_equal(caller.answers, 0);
  fixture.loop.advance(1ms);
  assert_true(caller.was_refused_with(TOKMAN_E_TIMED_OUT));
}

TEST(BrokerFixture, a_caller_whose_time_was_over_is_not_called_again) {
  fixture.loop.http.is_hanging = true;
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(10s);
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_int_equal(caller.answers, 1);
}

TEST(BrokerFixture, a_mint_that_answers_late_serves_those_who_come_after) {
  fixture.loop.http.is_hanging = true;
  fixture.app.installations["octo-org"] = 42;
  fixture.start_asking();
  fixture.loop.advance(10s);
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_true(fixture.ask().source == TokenSource::cache);
  assert_int_equal(fixture.github.mints, 1);
}

TEST(BrokerFixture, a_wait_that_github_asks_for_is_kept) {
  fixture.github.mint_failures.emplace_back(github_answer(429, "{}", {{"retry-after", "3"}}));
  fixture.start_asking();
  fixture.loop.advance(3s - 1ms);
  assert_int_equal(fixture.mint_requests(), 1);
  fixture.loop.advance(1ms);
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(BrokerFixture, a_wait_beyond_the_callers_time_is_not_begun) {
  fixture.github.mint_failures.emplace_back(github_answer(429, "{}", {{"retry-after", "60"}}));
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_LIMITED));
}

TEST(BrokerFixture, a_repository_made_a_moment_ago_is_tried_once_more) {
  fixture.fail_mints(1, 422,
                     "There is at least one repository that does not exist or is not accessible to "
                     "the parent installation.");
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(1s);
  assert_true(caller.has_token());
}

TEST(BrokerFixture, an_app_that_was_installed_again_is_found_under_its_new_id) {
  fixture.ask(fixture.order("spoon-knife"));
  fixture.github.accounts["octo-org"].installation_id = 43;
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.has_token());
  assert_int_equal(caller.entry->installation_id, 43);
}

TEST(BrokerFixture, an_installation_that_stays_away_is_looked_up_once_only) {
  fixture.ask(fixture.order("spoon-knife"));
  const int requests = fixture.loop.http.count("GET");
  fixture.fail_mints(1000, 404, "Not Found");
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.was_refused_with(TOKMAN_E_APP_NOT_INSTALLED));
  assert_int_equal(fixture.loop.http.count("GET"), requests + 1);
}

TEST(BrokerFixture, mints_are_counted_by_app) {
  fixture.ask();
  assert_int_equal(fixture.broker().counts().apps.at("ci").mints, 1);
}

TEST(BrokerFixture, failures_are_counted_by_app_and_the_last_is_kept) {
  fixture.fail_mints(1, 403, "Resource not accessible by integration");
  fixture.ask();
  const auto& counts = fixture.broker().counts().apps.at("ci");
  assert_int_equal(counts.failures, 1);
  assert_string_equal(counts.last_error.c_str(),
                      "GitHub refused (GitHub: 403 Resource not accessible by integration)");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(BrokerFixture, a_first_request_is_answered_with_a_minted_token),
      RUN(BrokerFixture, a_first_request_costs_one_look_up_and_one_mint),
      RUN(BrokerFixture, a_second_repository_of_the_owner_costs_no_look_up),
      RUN(BrokerFixture, a_token_is_minted_for_just_what_was_asked),
      RUN(BrokerFixture, a_token_for_an_owner_names_no_repository),
      RUN(BrokerFixture, a_configured_installation_is_minted_at_without_a_look_up),
      RUN(BrokerFixture, nothing_is_called_back_before_get_returns),
      RUN(BrokerFixture, a_token_that_lives_as_long_as_was_asked_is_given),
      RUN(BrokerFixture, a_token_that_lives_shorter_than_was_asked_is_not_given),
      RUN(BrokerFixture, a_token_that_lives_shorter_than_the_default_is_given),
      RUN(BrokerFixture, a_mint_that_fails_in_passing_is_tried_again),
      RUN(BrokerFixture, a_look_up_that_fails_in_passing_is_tried_again),
      RUN(BrokerFixture, a_signer_that_is_away_for_a_moment_is_waited_for),
      RUN(BrokerFixture, while_github_fails_a_caller_is_answered_within_its_time),
      RUN(BrokerFixture, while_look_ups_fail_a_caller_is_answered_within_its_time),
      RUN(BrokerFixture, a_fetch_that_nobody_waits_for_any_more_ends),
      RUN(BrokerFixture, while_github_hangs_a_caller_is_answered_at_its_time),
      RUN(BrokerFixture, a_caller_whose_time_was_over_is_not_called_again),
      RUN(BrokerFixture, a_mint_that_answers_late_serves_those_who_come_after),
      RUN(BrokerFixture, a_wait_that_github_asks_for_is_kept),
      RUN(BrokerFixture, a_wait_beyond_the_callers_time_is_not_begun),
      RUN(BrokerFixture, a_repository_made_a_moment_ago_is_tried_once_more),
      RUN(BrokerFixture, an_app_that_was_installed_again_is_found_under_its_new_id),
      RUN(BrokerFixture, an_installation_that_stays_away_is_looked_up_once_only),
      RUN(BrokerFixture, mints_are_counted_by_app),
      RUN(BrokerFixture, failures_are_counted_by_app_and_the_last_is_kept),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
