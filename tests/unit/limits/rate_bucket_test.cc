// A burst at once, then a steady rate.
#include "daemon/domain/limits/rate_bucket.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct BucketFixture {
  RateBucket bucket;
  RateBucket::Rate rate{.per_minute = 30, .burst = 3};
  Instant now{1h};

  bool takes() {
    if (bucket.next_at(rate, now) > now) return false;
    bucket.take(rate, now);
    return true;
  }
  void use_up() {
    while (takes()) {
    }
  }
};

TEST(BucketFixture, a_burst_passes_at_once_and_no_more) {
  assert_true(fixture.takes());
  assert_true(fixture.takes());
  assert_true(fixture.takes());
  assert_false(fixture.takes());
}

TEST(BucketFixture, after_the_burst_one_passes_in_each_interval) {
  fixture.use_up();
  assert_true(fixture.bucket.next_at(fixture.rate, fixture.now) == fixture.now + 2s);
  fixture.now += 2s;
  assert_true(fixture.takes());
  assert_false(fixture.takes());
}

TEST(BucketFixture, a_rate_that_is_no_whole_number_of_milliseconds_is_kept_for_an_hour) {
  fixture.rate = {.per_minute = 7, .burst = 1};
  int passed = 0;
  for (const Instant end = fixture.now + 1h; fixture.now < end;) {
    fixture.now = fixture.bucket.next_at(fixture.rate, fixture.now);
    fixture.bucket.take(fixture.rate, fixture.now);
    ++passed;
  }
  assert_in_range(passed, 7 * 60, 7 * 60 + 1);
}

TEST(BucketFixture, a_long_rest_gives_no_more_than_the_burst) {
  fixture.use_up();
  fixture.now += 24h;
  assert_int_equal(fixture.bucket.level(fixture.rate, fixture.now), 3);
}

TEST(BucketFixture, the_level_is_what_may_pass_at_once) {
  fixture.bucket.take(fixture.rate, fixture.now);
  assert_int_equal(fixture.bucket.level(fixture.rate, fixture.now), 2);
  fixture.now += 1999ms;
  assert_int_equal(fixture.bucket.level(fixture.rate, fixture.now), 2);
  fixture.now += 1ms;
  assert_int_equal(fixture.bucket.level(fixture.rate, fixture.now), 3);
}

TEST(BucketFixture, it_is_full_again_when_everything_had_its_interval) {
  fixture.use_up();
  fixture.now += 6s - 1ms;
  assert_false(fixture.bucket.is_full(fixture.now));
  fixture.now += 1ms;
  assert_true(fixture.bucket.is_full(fixture.now));
}

TEST(BucketFixture, a_new_rate_holds_at_once) {
  fixture.use_up();
  fixture.rate.burst = 4;
  assert_true(fixture.takes());
  assert_false(fixture.takes());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(BucketFixture, a_burst_passes_at_once_and_no_more),
      RUN(BucketFixture, after_the_burst_one_passes_in_each_interval),
      RUN(BucketFixture, a_rate_that_is_no_whole_number_of_milliseconds_is_kept_for_an_hour),
      RUN(BucketFixture, a_long_rest_gives_no_more_than_the_burst),
      RUN(BucketFixture, the_level_is_what_may_pass_at_once),
      RUN(BucketFixture, it_is_full_again_when_everything_had_its_interval),
      RUN(BucketFixture, a_new_rate_holds_at_once),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
