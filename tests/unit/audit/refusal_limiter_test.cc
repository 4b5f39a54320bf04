// How many refusals are written down, and that the others are counted.
#include "daemon/domain/audit/refusal_limiter.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct LimiterFixture {
  RefusalLimiter limiter;
  Instant now{1h};

  // How many of `count` refusals are written.
  std::uint64_t refuse(const std::string& principal, std::uint64_t count) {
    std::uint64_t written = 0;
    for (std::uint64_t i = 0; i < count; ++i) written += limiter.admit(principal, now) ? 1 : 0;
    return written;
  }
  void fill_with_strangers() {
    for (std::size_t i = 0; i < kRefusalPrincipalsMax; ++i) refuse(std::to_string(i), 1);
  }
};

TEST(LimiterFixture, ten_refusals_a_minute_are_written) {
  assert_int_equal(fixture.refuse("a", 100), 10);
}

TEST(LimiterFixture, each_principal_has_its_own_ten) {
  fixture.refuse("a", 100);
  assert_int_equal(fixture.refuse("b", 10), 10);
}

TEST(LimiterFixture, just_before_the_minute_is_over_nothing_more_is_written) {
  fixture.refuse("a", 10);
  fixture.now += 1min - 1ms;
  assert_int_equal(fixture.refuse("a", 1), 0);
}

TEST(LimiterFixture, a_new_minute_has_ten_more) {
  fixture.refuse("a", 10);
  fixture.now += 1min;
  assert_int_equal(fixture.refuse("a", 11), 10);
}

TEST(LimiterFixture, the_next_line_says_how_many_were_left_out) {
  fixture.refuse("a", 25);
  fixture.now += 1min;
  assert_int_equal(*fixture.limiter.admit("a", fixture.now), 15);
}

TEST(LimiterFixture, what_was_left_out_is_said_once) {
  fixture.refuse("a", 25);
  fixture.now += 1min;
  fixture.refuse("a", 1);
  assert_int_equal(*fixture.limiter.admit("a", fixture.now), 0);
}

TEST(LimiterFixture, what_was_left_out_is_told_when_no_refusal_follows) {
  fixture.refuse("a", 25);
  const auto told = fixture.limiter.take_left_out(fixture.now + 1min);
  assert_int_equal(told.size(), 1);
  assert_string_equal(told[0].first.c_str(), "a");
  assert_int_equal(told[0].second, 15);
}

TEST(LimiterFixture, a_minute_that_is_not_over_is_not_told_yet) {
  fixture.refuse("a", 25);
  assert_true(fixture.limiter.take_left_out(fixture.now + 1min - 1ms).empty());
}

TEST(LimiterFixture, it_is_told_once) {
  fixture.refuse("a", 25);
  fixture.limiter.take_left_out(fixture.now + 1min);
  assert_true(fixture.limiter.take_left_out(fixture.now + 2min).empty());
}

TEST(LimiterFixture, a_principal_with_nothing_left_out_is_not_told) {
  fixture.refuse("a", 10);
  assert_true(fixture.limiter.take_left_out(fixture.now + 1min).empty());
}

TEST(LimiterFixture, it_counts_nothing_at_first) { assert_true(fixture.limiter.is_idle()); }

TEST(LimiterFixture, it_counts_while_a_minute_is_not_over) {
  fixture.refuse("a", 1);
  assert_false(fixture.limiter.is_idle());
}

TEST(LimiterFixture, it_counts_nothing_once_all_is_told) {
  fixture.refuse("a", 25);
  fixture.limiter.take_left_out(fixture.now + 1min);
  assert_true(fixture.limiter.is_idle());
}

TEST(LimiterFixture, principals_beyond_the_bound_are_not_written) {
  fixture.fill_with_strangers();
  assert_int_equal(fixture.refuse("one more", 1), 0);
}

TEST(LimiterFixture, refusals_of_principals_beyond_the_bound_are_counted_together) {
  fixture.fill_with_strangers();
  fixture.refuse("one more", 2);
  fixture.refuse("and another", 3);
  const auto told = fixture.limiter.take_left_out(fixture.now);
  assert_int_equal(told.size(), 1);
  assert_string_equal(told[0].first.c_str(), "others");
  assert_int_equal(told[0].second, 5);
}

TEST(LimiterFixture, there_is_room_again_once_the_minutes_are_over) {
  fixture.fill_with_strangers();
  fixture.limiter.take_left_out(fixture.now + 1min);
  assert_int_equal(fixture.refuse("one more", 1), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(LimiterFixture, ten_refusals_a_minute_are_written),
      RUN(LimiterFixture, each_principal_has_its_own_ten),
      RUN(LimiterFixture, just_before_the_minute_is_over_nothing_more_is_written),
      RUN(LimiterFixture, a_new_minute_has_ten_more),
      RUN(LimiterFixture, the_next_line_says_how_many_were_left_out),
      RUN(LimiterFixture, what_was_left_out_is_said_once),
      RUN(LimiterFixture, what_was_left_out_is_told_when_no_refusal_follows),
      RUN(LimiterFixture, a_minute_that_is_not_over_is_not_told_yet),
      RUN(LimiterFixture, it_is_told_once),
      RUN(LimiterFixture, a_principal_with_nothing_left_out_is_not_told),
      RUN(LimiterFixture, it_counts_nothing_at_first),
      RUN(LimiterFixture, it_counts_while_a_minute_is_not_over),
      RUN(LimiterFixture, it_counts_nothing_once_all_is_told),
      RUN(LimiterFixture, principals_beyond_the_bound_are_not_written),
      RUN(LimiterFixture, refusals_of_principals_beyond_the_bound_are_counted_together),
      RUN(LimiterFixture, there_is_room_again_once_the_minutes_are_over),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
