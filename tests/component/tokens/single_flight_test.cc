// One mint for each token, however many wait, leave, or come too late.
#include <set>

#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct FlightFixture : BrokerFixture {
  FlightFixture() { app.installations["octo-org"] = 42; }

  void start_asking_many(int count) {
    for (int i = 0; i < count; ++i) start_asking();
  }
  int with_token() const {
    return static_cast<int>(std::count_if(callers.begin(), callers.end(),
                                          [](const auto& caller) { return caller.has_token(); }));
  }
};

TEST(FlightFixture, a_thousand_callers_at_once_cost_one_mint) {
  fixture.start_asking_many(1000);
  fixture.loop.run();
  assert_int_equal(fixture.mint_requests(), 1);
  assert_int_equal(fixture.with_token(), 1000);
}

TEST(FlightFixture, a_thousand_callers_get_the_same_bytes) {
  fixture.start_asking_many(1000);
  fixture.loop.run();
  std::set<std::string> frames;
  for (const TokenCaller& caller : fixture.callers) frames.insert(caller.frame);
  assert_int_equal(frames.size(), 1);
}

TEST(FlightFixture, a_thousand_callers_of_an_unknown_owner_cost_one_look_up_and_one_mint) {
  fixture.app.installations.clear();
  fixture.start_asking_many(1000);
  fixture.loop.run();
  assert_int_equal(fixture.loop.http.count("GET"), 1);
  assert_int_equal(fixture.mint_requests(), 1);
  assert_int_equal(fixture.with_token(), 1000);
}

TEST(FlightFixture, each_caller_is_answered_once) {
  fixture.start_asking_many(10);
  fixture.loop.advance(1h);
  for (const TokenCaller& caller : fixture.callers) assert_int_equal(caller.answers, 1);
}

TEST(FlightFixture, one_who_comes_while_github_works_waits_for_the_same_mint) {
  fixture.loop.http.is_hanging = true;
  fixture.ask();
  fixture.ask();
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_int_equal(fixture.mint_requests(), 1);
  assert_int_equal(fixture.with_token(), 2);
}

TEST(FlightFixture, the_first_to_leave_cancels_nothing) {
  fixture.start_asking_many(2);
  fixture.callers.front().operation.reset();
  fixture.loop.run();
  assert_int_equal(fixture.callers.front().answers, 0);
  assert_true(fixture.callers.back().has_token());
}

TEST(FlightFixture, a_mint_goes_on_when_all_have_left) {
  fixture.start_asking();
  fixture.callers.clear();
  fixture.loop.run();
  assert_true(fixture.ask().source == TokenSource::cache);
  assert_int_equal(fixture.mint_requests(), 1);
}

TEST(FlightFixture, one_whose_time_is_over_cancels_nothing) {
  TokenOrder hasty = fixture.order();
  hasty.timeout = 1s;
  fixture.loop.http.is_hanging = true;
  fixture.start_asking(hasty);
  fixture.start_asking();
  fixture.loop.advance(1s);
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_true(fixture.callers.front().was_refused_with(TOKMAN_E_TIMED_OUT));
  assert_true(fixture.callers.back().has_token());
  assert_int_equal(fixture.mint_requests(), 1);
}

TEST(FlightFixture, a_fetch_is_tried_again_for_as_long_as_the_most_patient_waits) {
  TokenOrder hasty = fixture.order();
  hasty.timeout = 1s;
  fixture.fail_mints(6, 502);
  fixture.start_asking(hasty);
  fixture.start_asking();
  fixture.loop.advance(10s);
  assert_true(fixture.callers.front().was_refused_with(TOKMAN_E_UPSTREAM_DOWN));
  assert_true(fixture.callers.back().has_token());
}

TEST(FlightFixture, all_who_wait_are_told_the_same_refusal) {
  fixture.fail_mints(1, 403, "Resource not accessible by integration");
  fixture.start_asking_many(10);
  fixture.loop.run();
  for (const TokenCaller& caller : fixture.callers) {
    assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_REFUSED));
  }
  assert_int_equal(fixture.mint_requests(), 1);
}

TEST(FlightFixture, different_tokens_are_minted_side_by_side) {
  fixture.loop.http.is_hanging = true;
  fixture.start_asking(fixture.order("hello-world"));
  fixture.start_asking(fixture.order("spoon-knife"));
  fixture.loop.run();
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(FlightFixture, a_caller_may_ask_again_while_it_is_answered) {
  CacheEntryPtr second;
  TokenOrder other = fixture.order("spoon-knife");
  OperationPtr nested;
  TokenCaller& caller = fixture.callers.emplace_back();
  caller.operation = fixture.broker().get(fixture.order(), [&](const Result<Served>&) {
    nested = fixture.broker().get(
        other, [&](const Result<Served>& served) { second = served.value().entry; });
  });
  fixture.loop.run();
  assert_non_null(second.get());
}

TEST(FlightFixture, a_caller_may_drop_its_operation_while_it_is_answered) {
  TokenCaller& caller = fixture.callers.emplace_back();
  caller.operation = fixture.broker().get(fixture.order(), [&](const Result<Served>& served) {
    caller.operation.reset();
    caller.take(served);
  });
  fixture.loop.run();
  assert_true(caller.has_token());
}

TEST(FlightFixture, nothing_is_called_when_all_is_destroyed_while_github_works) {
  fixture.loop.http.is_hanging = true;
  fixture.start_asking_many(3);
  fixture.loop.run();
  fixture.kill();
  fixture.loop.http.is_hanging = false;
  fixture.loop.advance(1h);
  for (const TokenCaller& caller : fixture.callers) assert_int_equal(caller.answers, 0);
  assert_int_equal(fixture.github.mints, 0);
}

TEST(FlightFixture, a_broker_that_was_stopped_asks_nobody_any_more) {
  fixture.fail_mints(1000, 502);
  fixture.start_asking();
  fixture.loop.run();
  const int requests = fixture.mint_requests();
  fixture.broker().stop();
  fixture.loop.advance(1h);
  assert_int_equal(fixture.mint_requests(), requests);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(FlightFixture, a_thousand_callers_at_once_cost_one_mint),
      RUN(FlightFixture, a_thousand_callers_get_the_same_bytes),
      RUN(FlightFixture, a_thousand_callers_of_an_unknown_owner_cost_one_look_up_and_one_mint),
      RUN(FlightFixture, each_caller_is_answered_once),
      RUN(FlightFixture, one_who_comes_while_github_works_waits_for_the_same_mint),
      RUN(FlightFixture, the_first_to_leave_cancels_nothing),
      RUN(FlightFixture, a_mint_goes_on_when_all_have_left),
      RUN(FlightFixture, one_whose_time_is_over_cancels_nothing),
      RUN(FlightFixture, a_fetch_is_tried_again_for_as_long_as_the_most_patient_waits),
      RUN(FlightFixture, all_who_wait_are_told_the_same_refusal),
      RUN(FlightFixture, different_tokens_are_minted_side_by_side),
      RUN(FlightFixture, a_caller_may_ask_again_while_it_is_answered),
      RUN(FlightFixture, a_caller_may_drop_its_operation_while_it_is_answered),
      RUN(FlightFixture, nothing_is_called_when_all_is_destroyed_while_github_works),
      RUN(FlightFixture, a_broker_that_was_stopped_asks_nobody_any_more),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
