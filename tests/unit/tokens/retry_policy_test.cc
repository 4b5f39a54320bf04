// Whether GitHub is asked again, and after how long.
#include "daemon/domain/tokens/retry_policy.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct RetryFixture {
  RetryPolicy policy;
  Error failing{TOKMAN_E_UPSTREAM_DOWN, "GitHub is failing"};

  // The wait after the `count`th failure in a row.
  std::chrono::milliseconds wait_after(int count, double fraction) {
    std::optional<std::chrono::milliseconds> wait;
    for (int i = 0; i < count; ++i) wait = policy.next_wait(failing, fraction);
    return wait.value_or(-1ms);
  }
};

constexpr double kAlmostOne = 0.999999;

TEST(RetryFixture, a_final_error_is_not_tried_again) {
  assert_false(fixture.policy.next_wait({TOKMAN_E_UPSTREAM_REFUSED, ""}, 0.5).has_value());
}

TEST(RetryFixture, being_limited_is_tried_again) {
  assert_true(fixture.policy.next_wait({TOKMAN_E_UPSTREAM_LIMITED, ""}, 0.5).has_value());
}

TEST(RetryFixture, the_shortest_wait_is_one_millisecond) {
  assert_true(fixture.wait_after(1, 0.0) == 1ms);
}

TEST(RetryFixture, the_first_wait_is_250_ms_at_most) {
  assert_true(fixture.wait_after(1, kAlmostOne) == 250ms);
}

TEST(RetryFixture, the_second_wait_may_be_twice_as_long) {
  assert_true(fixture.wait_after(2, kAlmostOne) == 500ms);
}

TEST(RetryFixture, the_sixth_wait_reaches_eight_seconds) {
  assert_true(fixture.wait_after(6, kAlmostOne) == 8000ms);
}

TEST(RetryFixture, no_wait_is_longer_than_eight_seconds) {
  assert_true(fixture.wait_after(1000, kAlmostOne) == 8000ms);
}

TEST(RetryFixture, waits_are_spread_over_the_whole_range) {
  assert_true(fixture.wait_after(6, 0.5) == 4001ms);
}

TEST(RetryFixture, the_wait_that_github_asks_for_wins) {
  fixture.failing.retry_after = 30s;
  assert_true(fixture.wait_after(1, 0.5) == 30s);
}

TEST(RetryFixture, a_wait_that_github_asked_for_counts_as_a_failure) {
  fixture.failing.retry_after = 1s;
  fixture.wait_after(1, 0.5);
  fixture.failing.retry_after.reset();
  assert_true(fixture.wait_after(1, kAlmostOne) == 500ms);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RetryFixture, a_final_error_is_not_tried_again),
      RUN(RetryFixture, being_limited_is_tried_again),
      RUN(RetryFixture, the_shortest_wait_is_one_millisecond),
      RUN(RetryFixture, the_first_wait_is_250_ms_at_most),
      RUN(RetryFixture, the_second_wait_may_be_twice_as_long),
      RUN(RetryFixture, the_sixth_wait_reaches_eight_seconds),
      RUN(RetryFixture, no_wait_is_longer_than_eight_seconds),
      RUN(RetryFixture, waits_are_spread_over_the_whole_range),
      RUN(RetryFixture, the_wait_that_github_asks_for_wins),
      RUN(RetryFixture, a_wait_that_github_asked_for_counts_as_a_failure),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
