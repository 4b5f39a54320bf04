// Callers who say that GitHub refused their token.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kAlice = 1000;
constexpr std::uint32_t kBob = 1001;

struct RejectionFixture : BrokerFixture {
  RejectionFixture() { app.installations["octo-org"] = 42; }

  // A token that is old enough to be rejected.
  std::string settled_token() {
    const std::string fingerprint = ask().fingerprint;
    loop.advance(10s);
    return fingerprint;
  }
  RejectionOutcome reject(const std::string& fingerprint, std::uint32_t caller = kAlice) {
    return broker().reject(order(), fingerprint, caller).outcome;
  }
  // Begins the renewal of a token that is in use, and leaves it without an answer.
  std::string start_renewal() {
    const std::string fingerprint = ask().fingerprint;
    loop.http.is_hanging = true;
    loop.advance(41min);
    assert_int_equal(mint_requests(), 2);
    return fingerprint;
  }
  void let_github_answer() {
    loop.http.is_hanging = false;
    loop.run();
  }
};

TEST(RejectionFixture, after_a_rejection_a_new_token_is_minted) {
  const std::string rejected = fixture.settled_token();
  assert_true(fixture.reject(rejected) == RejectionOutcome::dropped);
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.source == TokenSource::minted);
  assert_true(caller.fingerprint != rejected);
}

TEST(RejectionFixture, a_rejected_token_does_not_come_back_after_a_restart) {
  const std::string rejected = fixture.settled_token();
  fixture.reject(rejected);
  fixture.loop.run();
  fixture.restart();
  assert_true(fixture.ask().fingerprint != rejected);
}

TEST(RejectionFixture, a_rejected_token_that_is_only_in_the_store_is_dropped_there) {
  const std::string rejected = fixture.settled_token();
  fixture.restart();
  assert_true(fixture.reject(rejected) == RejectionOutcome::dropped);
  assert_true(fixture.ask().fingerprint != rejected);
}

TEST(RejectionFixture, a_session_does_not_give_a_rejected_token_out_again) {
  const std::string rejected = fixture.settled_token();
  const CacheEntryPtr remembered = fixture.callers.back().entry;
  fixture.reject(rejected);
  assert_false(remembered->is_current);
}

TEST(RejectionFixture, a_rejection_of_an_older_token_gets_the_present_one) {
  const std::string older = fixture.settled_token();
  fixture.reject(older);
  const std::string present = fixture.ask().fingerprint;
  assert_true(fixture.reject(older) == RejectionOutcome::superseded);
  assert_true(fixture.ask().fingerprint == present);
}

TEST(RejectionFixture, a_thousand_who_reject_the_same_token_cost_one_mint) {
  const std::string rejected = fixture.settled_token();
  for (int i = 0; i < 1000; ++i) {
    fixture.reject(rejected);
    fixture.start_asking();
  }
  fixture.loop.run();
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(RejectionFixture, a_token_younger_than_ten_seconds_is_served_again) {
  const std::string young = fixture.ask().fingerprint;
  fixture.loop.advance(9s);
  assert_true(fixture.reject(young) == RejectionOutcome::replication_lag);
  assert_true(fixture.ask().fingerprint == young);
}

TEST(RejectionFixture, a_storm_from_one_caller_touches_nobody_else) {
  fixture.reject(fixture.settled_token());
  const std::string present = fixture.settled_token();
  for (int i = 0; i < 1000; ++i) {
    assert_true(fixture.reject(present) == RejectionOutcome::rate_limited);
    assert_true(fixture.ask().fingerprint == present);
  }
  assert_int_equal(fixture.mint_requests(), 2);
  fixture.loop.advance(1min);
  assert_true(fixture.reject(present, kBob) == RejectionOutcome::dropped);
}

TEST(RejectionFixture, a_target_of_which_nothing_is_known_has_no_token_to_reject) {
  fixture.app.installations.clear();
  assert_true(fixture.reject("any") == RejectionOutcome::superseded);
}

TEST(RejectionFixture, a_mint_that_began_before_does_not_satisfy_those_who_come_after) {
  fixture.reject(fixture.start_renewal());
  TokenCaller& caller = fixture.start_asking();
  fixture.let_github_answer();
  assert_int_equal(fixture.mint_requests(), 3);
  assert_true(caller.entry->token->answer.reveal().find("0000003") != std::string_view::npos);
}

TEST(RejectionFixture, a_mint_that_began_before_is_not_joined_by_a_second_one) {
  fixture.reject(fixture.start_renewal());
  fixture.start_asking();
  fixture.loop.run();
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(RejectionFixture, what_a_mint_that_began_before_brings_is_ended_at_github) {
  fixture.reject(fixture.start_renewal());
  fixture.let_github_answer();
  assert_int_equal(fixture.github.revoked.size(), 1);
  assert_true(fixture.github.revoked.begin()->find("0000002") != std::string::npos);
}

TEST(RejectionFixture, an_attempt_that_begins_after_the_rejection_counts) {
  const std::string rejected = fixture.settled_token();
  fixture.loop.advance(6min);
  fixture.fail_mints(1, 502);
  fixture.ask(fixture.order_living(55min));
  fixture.reject(rejected);
  fixture.loop.advance(10s);
  assert_int_equal(fixture.mint_requests(), 3);
  assert_int_equal(fixture.github.revoked.size(), 0);
  assert_true(fixture.ask().source == TokenSource::cache);
}

TEST(RejectionFixture, a_mint_that_began_before_and_fails_is_told_to_all) {
  fixture.reject(fixture.start_renewal());
  const TokenCaller& caller = fixture.start_asking();
  fixture.fail_mints(1, 403, "Resource not accessible by integration");
  fixture.let_github_answer();
  assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_REFUSED));
}

TEST(RejectionFixture, the_log_says_who_rejected_what) {
  const std::string rejected = fixture.settled_token();
  fixture.reject(rejected);
  assert_int_equal(fixture.lines.count("token rejected by a caller"), 1);
  assert_int_equal(fixture.lines.count("uid=1000"), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RejectionFixture, after_a_rejection_a_new_token_is_minted),
      RUN(RejectionFixture, a_rejected_token_does_not_come_back_after_a_restart),
      RUN(RejectionFixture, a_rejected_token_that_is_only_in_the_store_is_dropped_there),
      RUN(RejectionFixture, a_session_does_not_give_a_rejected_token_out_again),
      RUN(RejectionFixture, a_rejection_of_an_older_token_gets_the_present_one),
      RUN(RejectionFixture, a_thousand_who_reject_the_same_token_cost_one_mint),
      RUN(RejectionFixture, a_token_younger_than_ten_seconds_is_served_again),
      RUN(RejectionFixture, a_storm_from_one_caller_touches_nobody_else),
      RUN(RejectionFixture, a_target_of_which_nothing_is_known_has_no_token_to_reject),
      RUN(RejectionFixture, a_mint_that_began_before_does_not_satisfy_those_who_come_after),
      RUN(RejectionFixture, a_mint_that_began_before_is_not_joined_by_a_second_one),
      RUN(RejectionFixture, what_a_mint_that_began_before_brings_is_ended_at_github),
      RUN(RejectionFixture, an_attempt_that_begins_after_the_rejection_counts),
      RUN(RejectionFixture, a_mint_that_began_before_and_fails_is_told_to_all),
      RUN(RejectionFixture, the_log_says_who_rejected_what),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
