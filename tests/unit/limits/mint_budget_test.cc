// No window, wherever it begins, has more mints than it may.
#include "daemon/domain/limits/mint_budget.h"

#include <vector>

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct BudgetFixture {
  MintBudget budget{MintLimits{}};
  Instant now{1h};
  std::vector<Instant> mints;

  // As fast as the budget allows.
  void mint_for(Instant::duration time) {
    for (const Instant end = now + time;;) {
      const Instant next = budget.next_at(now);
      if (next >= end) break;
      now = next;
      budget.take(now);
      mints.push_back(now);
    }
  }
  std::size_t most_within(Instant::duration window) const {
    std::size_t most = 0, first = 0;
    for (std::size_t last = 0; last < mints.size(); ++last) {
      while (mints[first] <= mints[last] - window) ++first;
      most = std::max(most, last + 1 - first);
    }
    return most;
  }
};

TEST(BudgetFixture, sixty_mints_may_begin_at_once) {
  assert_int_equal(fixture.budget.level(fixture.now), 60);
  fixture.mint_for(1ms);
  assert_int_equal(fixture.mints.size(), 60);
}

TEST(BudgetFixture, after_the_burst_there_are_thirty_a_minute) {
  fixture.mint_for(1ms);
  fixture.mint_for(10min);
  assert_in_range(fixture.mints.size() - 60, 30 * 10 - 1, 30 * 10);
}

TEST(BudgetFixture, no_minute_has_more_than_its_wall) {
  fixture.budget.set_limits({.per_minute = 600, .burst = 600, .per_minute_max = 150});
  fixture.mint_for(10min);
  assert_int_equal(fixture.most_within(1min), 150);
}

TEST(BudgetFixture, no_hour_has_more_than_its_wall) {
  fixture.budget.set_limits({.per_minute = 100, .burst = 100});
  fixture.mint_for(5h);
  assert_int_equal(fixture.most_within(1h), 1900);
}

TEST(BudgetFixture, the_level_heeds_the_walls) {
  fixture.budget.set_limits({.per_minute = 30, .burst = 60, .per_minute_max = 10});
  assert_int_equal(fixture.budget.level(fixture.now), 10);
  fixture.mint_for(1ms);
  assert_int_equal(fixture.budget.level(fixture.now), 0);
  assert_int_equal(fixture.budget.level(fixture.now + 1min), 10);
}

TEST(BudgetFixture, what_was_minted_counts_after_the_limits_have_changed) {
  fixture.mint_for(1ms);
  fixture.budget.set_limits({.per_minute = 30, .burst = 600, .per_minute_max = 61});
  assert_int_equal(fixture.budget.level(fixture.now), 1);
}

TEST(BudgetFixture, walls_that_are_lowered_hold_at_once) {
  fixture.mint_for(1ms);
  fixture.budget.set_limits({.per_minute = 30, .burst = 600, .per_minute_max = 20});
  assert_int_equal(fixture.budget.level(fixture.now), 0);
  assert_true(fixture.budget.next_at(fixture.now) == fixture.now + 1min);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(BudgetFixture, sixty_mints_may_begin_at_once),
      RUN(BudgetFixture, after_the_burst_there_are_thirty_a_minute),
      RUN(BudgetFixture, no_minute_has_more_than_its_wall),
      RUN(BudgetFixture, no_hour_has_more_than_its_wall),
      RUN(BudgetFixture, the_level_heeds_the_walls),
      RUN(BudgetFixture, what_was_minted_counts_after_the_limits_have_changed),
      RUN(BudgetFixture, walls_that_are_lowered_hold_at_once),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
