// While GitHub fails, a token that still lives is better than none.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct StaleFixture : BrokerFixture {
  // A token that was minted long ago and is not renewed ahead.
  StaleFixture() {
    app.installations["octo-org"] = 42;
    app.renew_before = 0s;
    ask();
  }

  void pass_until_left(std::chrono::seconds left) { loop.advance(1h - left); }
};

TEST(StaleFixture, a_failure_in_passing_is_answered_with_the_token_that_lives) {
  fixture.pass_until_left(2min);
  fixture.fail_mints(1000, 502);
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.source == TokenSource::stale);
}

TEST(StaleFixture, a_lost_network_is_answered_with_the_token_that_lives) {
  fixture.pass_until_left(2min);
  fixture.github.mint_failures.emplace_back(Error{TOKMAN_E_UPSTREAM_DOWN, "connection refused"});
  assert_true(fixture.ask().source == TokenSource::stale);
}

TEST(StaleFixture, a_limit_is_answered_with_the_token_that_lives) {
  fixture.pass_until_left(2min);
  fixture.fail_mints(1, 429);
  assert_true(fixture.ask().source == TokenSource::stale);
}

TEST(StaleFixture, a_signer_that_is_away_is_answered_with_the_token_that_lives) {
  fixture.pass_until_left(2min);
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer is gone"};
  assert_true(fixture.ask().source == TokenSource::stale);
}

TEST(StaleFixture, stale_answers_are_counted) {
  fixture.pass_until_left(2min);
  fixture.fail_mints(1, 502);
  fixture.ask();
  assert_int_equal(fixture.broker().counts().stale_served, 1);
}

TEST(StaleFixture, six_seconds_before_its_end_a_token_is_still_served) {
  fixture.pass_until_left(6s);
  fixture.fail_mints(1000, 502);
  assert_true(fixture.ask().source == TokenSource::stale);
}

TEST(StaleFixture, five_seconds_before_its_end_no_token_is_served) {
  fixture.pass_until_left(5s);
  fixture.fail_mints(1000, 502);
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(10s);
  assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_DOWN));
}

TEST(StaleFixture, a_suspended_installation_has_no_stale_tokens) {
  fixture.pass_until_left(2min);
  fixture.github.accounts["octo-org"].is_suspended = true;
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_INSTALLATION_SUSPENDED));
  assert_int_equal(fixture.broker().cache().size(), 0);
}

TEST(StaleFixture, a_final_refusal_is_not_answered_with_a_stale_token) {
  fixture.pass_until_left(2min);
  fixture.fail_mints(1000, 403, "Resource not accessible by integration");
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_UPSTREAM_REFUSED));
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_UPSTREAM_REFUSED));
}

TEST(StaleFixture, while_github_hangs_the_token_that_lives_is_served_at_the_callers_time) {
  fixture.pass_until_left(2min);
  fixture.loop.http.is_hanging = true;
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(10s);
  assert_true(caller.source == TokenSource::stale);
}

TEST(StaleFixture, after_a_failure_the_next_callers_do_not_wait_for_github) {
  fixture.pass_until_left(2min);
  fixture.fail_mints(1000, 502);
  fixture.ask();
  fixture.loop.http.is_hanging = true;
  const TokenCaller& caller = fixture.start_asking();
  assert_int_equal(caller.answers, 1);
  assert_true(caller.source == TokenSource::stale);
}

TEST(StaleFixture, once_github_works_again_a_new_token_is_served) {
  fixture.pass_until_left(3min);
  fixture.fail_mints(1, 502);
  const std::string stale = fixture.ask().fingerprint;
  fixture.loop.advance(30s);
  const TokenCaller& caller = fixture.ask();
  assert_string_not_equal(caller.fingerprint.c_str(), stale.c_str());
}

TEST(StaleFixture, who_asked_for_a_long_life_gets_the_token_that_lives_and_is_told) {
  fixture.loop.advance(20min);
  fixture.fail_mints(1000, 502);
  const TokenCaller& caller = fixture.ask(fixture.order_living(50min));
  assert_true(caller.source == TokenSource::stale);
}

TEST(StaleFixture, without_a_token_a_failure_is_a_failure) {
  fixture.fail_mints(1000, 502);
  const TokenCaller& caller = fixture.start_asking(fixture.order("spoon-knife"));
  fixture.loop.advance(10s);
  assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_DOWN));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(StaleFixture, a_failure_in_passing_is_answered_with_the_token_that_lives),
      RUN(StaleFixture, a_lost_network_is_answered_with_the_token_that_lives),
      RUN(StaleFixture, a_limit_is_answered_with_the_token_that_lives),
      RUN(StaleFixture, a_signer_that_is_away_is_answered_with_the_token_that_lives),
      RUN(StaleFixture, stale_answers_are_counted),
      RUN(StaleFixture, six_seconds_before_its_end_a_token_is_still_served),
      RUN(StaleFixture, five_seconds_before_its_end_no_token_is_served),
      RUN(StaleFixture, a_suspended_installation_has_no_stale_tokens),
      RUN(StaleFixture, a_final_refusal_is_not_answered_with_a_stale_token),
      RUN(StaleFixture, while_github_hangs_the_token_that_lives_is_served_at_the_callers_time),
      RUN(StaleFixture, after_a_failure_the_next_callers_do_not_wait_for_github),
      RUN(StaleFixture, once_github_works_again_a_new_token_is_served),
      RUN(StaleFixture, who_asked_for_a_long_life_gets_the_token_that_lives_and_is_told),
      RUN(StaleFixture, without_a_token_a_failure_is_a_failure),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
