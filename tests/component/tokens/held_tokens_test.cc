// What callers get while GitHub is not asked: for the app's budget, a pause, an outage, or their
// own limit.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct HeldFixture : BrokerFixture {
  HeldFixture() {
    app.installations["octo-org"] = 42;
    app.renew_before = 0s;
    app.mints_burst = 1;
    app.mints_per_minute = 1;
  }

  TokenOrder order_of(const std::string& principal, const std::string& repository,
                      std::int64_t mints_per_minute) const {
    TokenOrder made = order(repository);
    made.principal = principal;
    made.mints_per_minute = mints_per_minute;
    return made;
  }
  TokenOrder urgent(const std::string& repository, int priority) const {
    TokenOrder made = order(repository);
    made.priority = priority;
    made.timeout = 10min;
    return made;
  }
  void give_budget() { app.mints_burst = app.mints_per_minute = app.mints_per_minute_max = 150; }
};

TEST(HeldFixture, who_has_a_token_that_lives_need_not_wait_for_the_budget) {
  fixture.ask();
  fixture.loop.advance(58min);
  fixture.ask(fixture.order("spoon-knife"));
  fixture.loop.advance(90s);
  fixture.ask(fixture.order("other"));
  const TokenCaller& caller = fixture.start_asking();
  assert_int_equal(caller.answers, 1);
  assert_true(caller.source == TokenSource::stale);
}

TEST(HeldFixture, who_has_none_waits_and_gets_one_in_its_turn) {
  fixture.ask();
  TokenOrder patient = fixture.order("spoon-knife");
  patient.timeout = 2min;
  const TokenCaller& caller = fixture.ask(patient);
  assert_int_equal(caller.answers, 0);
  fixture.loop.advance(1min);
  assert_true(caller.source == TokenSource::minted);
}

TEST(HeldFixture, who_cannot_wait_that_long_is_told_at_once_when_to_come_back) {
  fixture.ask();
  const TokenCaller& caller = fixture.ask(fixture.order("spoon-knife"));
  assert_true(caller.was_refused_with(TOKMAN_E_RATE_LIMITED));
  assert_true(caller.error->retry_after >= 60s);
}

TEST(HeldFixture, waiting_for_the_budget_is_no_failure_of_the_app) {
  fixture.ask();
  fixture.ask(fixture.order("spoon-knife"));
  assert_int_equal(fixture.broker().counts().apps.at("ci").failures, 0);
  assert_false(fixture.broker().counts().apps.at("ci").is_failing);
}

TEST(HeldFixture, an_app_that_github_limits_is_answered_with_when_to_come_back) {
  fixture.give_budget();
  fixture.github.mint_failures.emplace_back(github_answer(429, "{}", {{"retry-after", "90"}}));
  fixture.ask();
  const TokenCaller& caller = fixture.ask(fixture.order("spoon-knife"));
  assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_LIMITED));
  assert_true(caller.error->retry_after == 90s);
  assert_int_equal(fixture.mint_requests(), 1);
}

TEST(HeldFixture, who_is_told_to_come_back_is_told_what_github_said) {
  fixture.give_budget();
  fixture.fail_mints(1, 429, "Slow down");
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(10s);
  assert_int_equal(caller.error->github->status, 429);
  assert_true(caller.error->retry_after >= 50s);
}

TEST(HeldFixture, who_comes_while_the_probe_is_out_waits_for_what_it_finds) {
  fixture.give_budget();
  fixture.fail_mints(5, 502);
  fixture.ask();
  fixture.loop.advance(4s);
  fixture.loop.http.is_hanging = true;
  fixture.loop.advance(1s);
  const TokenCaller& caller = fixture.ask(fixture.order("spoon-knife"));
  assert_int_equal(caller.answers, 0);
  fixture.loop.http.is_hanging = false;
  fixture.loop.advance(2s);
  assert_true(caller.has_token());
}

TEST(HeldFixture, the_more_urgent_is_minted_first) {
  fixture.ask();
  const TokenCaller& low = fixture.start_asking(fixture.urgent("low", 0));
  const TokenCaller& high = fixture.start_asking(fixture.urgent("high", 10));
  fixture.loop.advance(1min);
  assert_true(high.has_token());
  assert_false(low.has_token());
}

TEST(HeldFixture, who_joins_with_more_urgency_brings_everyone_forward) {
  fixture.ask();
  const TokenCaller& other = fixture.start_asking(fixture.urgent("other", 5));
  const TokenCaller& low = fixture.start_asking(fixture.urgent("shared", 0));
  fixture.start_asking(fixture.urgent("shared", 10));
  fixture.loop.advance(1min);
  assert_true(low.has_token());
  assert_false(other.has_token());
}

TEST(HeldFixture, a_caller_that_has_caused_its_mints_is_told_when_to_come_back) {
  fixture.give_budget();
  assert_true(fixture.ask(fixture.order_of("alice", "a", 2)).has_token());
  assert_true(fixture.ask(fixture.order_of("alice", "b", 2)).has_token());
  const TokenCaller& caller = fixture.ask(fixture.order_of("alice", "c", 2));
  assert_true(caller.was_refused_with(TOKMAN_E_RATE_LIMITED));
  assert_true(caller.error->retry_after == 30s);
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(HeldFixture, another_caller_is_not_touched_by_that) {
  fixture.give_budget();
  fixture.ask(fixture.order_of("alice", "a", 1));
  fixture.ask(fixture.order_of("alice", "b", 1));
  assert_true(fixture.ask(fixture.order_of("bob", "b", 1)).has_token());
}

TEST(HeldFixture, cached_tokens_cost_a_caller_nothing) {
  fixture.give_budget();
  fixture.ask(fixture.order_of("alice", "a", 1));
  for (int i = 0; i < 10; ++i) {
    assert_true(fixture.ask(fixture.order_of("alice", "a", 1)).source == TokenSource::cache);
  }
}

TEST(HeldFixture, to_join_what_others_fetch_costs_a_caller_nothing) {
  fixture.give_budget();
  fixture.ask(fixture.order_of("alice", "a", 1));
  fixture.loop.http.is_hanging = true;
  fixture.ask(fixture.order_of("bob", "b", 1));
  const TokenCaller& joined = fixture.ask(fixture.order_of("alice", "b", 1));
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_true(joined.has_token());
}

TEST(HeldFixture, a_caller_that_may_cause_no_mint_gets_a_token_that_still_lives) {
  fixture.give_budget();
  fixture.ask(fixture.order_of("alice", "a", 1));
  fixture.loop.advance(59min + 10s);
  fixture.ask(fixture.order_of("alice", "b", 1));
  const TokenCaller& caller = fixture.ask(fixture.order_of("alice", "a", 1));
  assert_true(caller.source == TokenSource::stale);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(HeldFixture, who_has_a_token_that_lives_need_not_wait_for_the_budget),
      RUN(HeldFixture, who_has_none_waits_and_gets_one_in_its_turn),
      RUN(HeldFixture, who_cannot_wait_that_long_is_told_at_once_when_to_come_back),
      RUN(HeldFixture, waiting_for_the_budget_is_no_failure_of_the_app),
      RUN(HeldFixture, an_app_that_github_limits_is_answered_with_when_to_come_back),
      RUN(HeldFixture, who_is_told_to_come_back_is_told_what_github_said),
      RUN(HeldFixture, who_comes_while_the_probe_is_out_waits_for_what_it_finds),
      RUN(HeldFixture, the_more_urgent_is_minted_first),
      RUN(HeldFixture, who_joins_with_more_urgency_brings_everyone_forward),
      RUN(HeldFixture, a_caller_that_has_caused_its_mints_is_told_when_to_come_back),
      RUN(HeldFixture, another_caller_is_not_touched_by_that),
      RUN(HeldFixture, cached_tokens_cost_a_caller_nothing),
      RUN(HeldFixture, to_join_what_others_fetch_costs_a_caller_nothing),
      RUN(HeldFixture, a_caller_that_may_cause_no_mint_gets_a_token_that_still_lives),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
