// When a failing host is left alone, and how it is found out that it works again.
#include "daemon/domain/limits/circuit_breaker.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct BreakerFixture {
  CircuitBreaker breaker;
  Instant now{1h};

  bool fail(double fraction = 0.0) { return breaker.on_failure(now, fraction); }
  void open() {
    for (int i = 0; i < 5; ++i) fail();
  }
  // Waits for the pause to end; how long that was.
  Instant::duration wait() {
    const Instant next = breaker.next_at(now);
    return next - std::exchange(now, next);
  }
  bool is_closed() const { return breaker.state(now) == CircuitBreaker::State::closed; }
};

TEST(BreakerFixture, four_failures_in_a_row_change_nothing) {
  for (int i = 0; i < 4; ++i) assert_false(fixture.fail());
  assert_true(fixture.is_closed());
  assert_true(fixture.breaker.admit(fixture.now));
}

TEST(BreakerFixture, the_fifth_failure_in_a_row_opens_it) {
  for (int i = 0; i < 4; ++i) fixture.fail();
  assert_true(fixture.fail());
  assert_true(fixture.breaker.state(fixture.now) == CircuitBreaker::State::open);
  assert_false(fixture.breaker.admit(fixture.now));
}

TEST(BreakerFixture, a_success_in_between_starts_the_count_anew) {
  for (int i = 0; i < 4; ++i) fixture.fail();
  fixture.breaker.on_success();
  for (int i = 0; i < 4; ++i) fixture.fail();
  assert_true(fixture.is_closed());
}

TEST(BreakerFixture, after_a_second_one_probe_may_go_and_no_other) {
  fixture.open();
  assert_true(fixture.wait() == 1s);
  assert_true(fixture.breaker.state(fixture.now) == CircuitBreaker::State::half_open);
  assert_true(fixture.breaker.admit(fixture.now));
  assert_false(fixture.breaker.admit(fixture.now));
}

TEST(BreakerFixture, the_pauses_double_up_to_fifteen_seconds) {
  fixture.open();
  for (const auto pause : {1s, 2s, 4s, 8s, 15s, 15s}) {
    assert_true(fixture.wait() == pause);
    assert_true(fixture.breaker.admit(fixture.now));
    assert_false(fixture.fail());
  }
}

TEST(BreakerFixture, chance_takes_up_to_half_of_a_pause) {
  for (int i = 0; i < 5; ++i) fixture.fail(0.8);
  assert_true(fixture.wait() == 600ms);
}

TEST(BreakerFixture, a_probe_that_succeeds_closes_it) {
  fixture.open();
  fixture.wait();
  fixture.breaker.admit(fixture.now);
  assert_true(fixture.breaker.on_success());
  assert_true(fixture.is_closed());
}

TEST(BreakerFixture, a_success_while_closed_is_no_change) {
  assert_false(fixture.breaker.on_success());
}

TEST(BreakerFixture, once_closed_the_pauses_begin_with_a_second_again) {
  fixture.open();
  fixture.wait();
  fixture.breaker.admit(fixture.now);
  fixture.fail();
  fixture.breaker.on_success();
  fixture.open();
  assert_true(fixture.wait() == 1s);
}

TEST(BreakerFixture, requests_under_way_when_it_opened_do_not_make_the_pause_longer) {
  fixture.open();
  for (int i = 0; i < 10; ++i) assert_false(fixture.fail());
  assert_true(fixture.wait() == 1s);
}

TEST(BreakerFixture, a_reserved_probe_is_admitted_and_keeps_others_out) {
  fixture.open();
  fixture.wait();
  fixture.breaker.reserve_probe(fixture.now);
  assert_true(fixture.breaker.next_at(fixture.now) > fixture.now);
  assert_true(fixture.breaker.admit(fixture.now));
  assert_false(fixture.breaker.admit(fixture.now));
}

TEST(BreakerFixture, a_probe_of_which_nothing_is_heard_makes_room_for_the_next) {
  fixture.open();
  fixture.wait();
  fixture.breaker.admit(fixture.now);
  assert_true(fixture.wait() == 20s);
  assert_true(fixture.breaker.admit(fixture.now));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(BreakerFixture, four_failures_in_a_row_change_nothing),
      RUN(BreakerFixture, the_fifth_failure_in_a_row_opens_it),
      RUN(BreakerFixture, a_success_in_between_starts_the_count_anew),
      RUN(BreakerFixture, after_a_second_one_probe_may_go_and_no_other),
      RUN(BreakerFixture, the_pauses_double_up_to_fifteen_seconds),
      RUN(BreakerFixture, chance_takes_up_to_half_of_a_pause),
      RUN(BreakerFixture, a_probe_that_succeeds_closes_it),
      RUN(BreakerFixture, a_success_while_closed_is_no_change),
      RUN(BreakerFixture, once_closed_the_pauses_begin_with_a_second_again),
      RUN(BreakerFixture, requests_under_way_when_it_opened_do_not_make_the_pause_longer),
      RUN(BreakerFixture, a_reserved_probe_is_admitted_and_keeps_others_out),
      RUN(BreakerFixture, a_probe_of_which_nothing_is_heard_makes_room_for_the_next),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
