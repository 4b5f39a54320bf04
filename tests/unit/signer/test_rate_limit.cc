#include "daemon/signer/rate_limit.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

struct Limit {
  RateLimit limit{{.interval = 2s, .burst = 3}};
  Instant now{1h};

  bool passes() { return !limit.take(now); }
  void use_up() {
    while (passes()) {
    }
  }
};

TEST(Limit, a_burst_passes_at_once) {
  assert_true(fixture.passes());
  assert_true(fixture.passes());
  assert_true(fixture.passes());
}

TEST(Limit, one_more_than_the_burst_is_refused) {
  for (int i = 0; i < 3; ++i) assert_true(fixture.passes());
  assert_false(fixture.passes());
}

TEST(Limit, the_wait_told_is_just_long_enough) {
  fixture.use_up();
  const auto wait = fixture.limit.take(fixture.now);
  fixture.now += *wait - 1ms;
  assert_false(fixture.passes());
  fixture.now += 1ms;
  assert_true(fixture.passes());
}

TEST(Limit, after_the_burst_one_passes_in_each_interval) {
  fixture.use_up();
  int passed = 0;
  for (int i = 0; i < 60; ++i) {
    fixture.now += 1s;
    if (fixture.passes()) ++passed;
  }
  assert_int_equal(passed, 30);
}

TEST(Limit, being_refused_costs_nothing) {
  fixture.use_up();
  for (int i = 0; i < 100; ++i) assert_false(fixture.passes());
  fixture.now += 2s;
  assert_true(fixture.passes());
}

TEST(Limit, a_long_pause_saves_up_one_burst_and_no_more) {
  fixture.use_up();
  fixture.now += 1h;
  for (int i = 0; i < 3; ++i) assert_true(fixture.passes());
  assert_false(fixture.passes());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Limit, a_burst_passes_at_once),
      RUN(Limit, one_more_than_the_burst_is_refused),
      RUN(Limit, the_wait_told_is_just_long_enough),
      RUN(Limit, after_the_burst_one_passes_in_each_interval),
      RUN(Limit, being_refused_costs_nothing),
      RUN(Limit, a_long_pause_saves_up_one_burst_and_no_more),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
