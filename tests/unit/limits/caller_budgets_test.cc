// What one caller may do in a minute, whoever else calls.
#include "daemon/domain/limits/caller_budgets.h"

#include <memory>

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct BudgetsFixture {
  CallerBudgets budgets{3};
  Instant now{1h};

  std::unique_ptr<CallerBudgets::Account> open(const std::string& principal) {
    return std::make_unique<CallerBudgets::Account>(budgets, principal, now);
  }
  std::unique_ptr<CallerBudgets::Account> alice = open("alice");

  bool requests(CallerBudgets::Account& account, std::int64_t per_minute = 2) const {
    if (account.request_wait(per_minute, now)) return false;
    account.take_request(per_minute, now);
    return true;
  }
};

TEST(BudgetsFixture, a_minutes_requests_may_come_at_once_and_no_more) {
  assert_true(fixture.requests(*fixture.alice));
  assert_true(fixture.requests(*fixture.alice));
  assert_false(fixture.requests(*fixture.alice));
}

TEST(BudgetsFixture, who_is_refused_is_told_how_long_to_wait) {
  fixture.requests(*fixture.alice);
  fixture.requests(*fixture.alice);
  const auto wait = fixture.alice->request_wait(2, fixture.now);
  assert_true(wait == 30s);
  fixture.now += *wait;
  assert_true(fixture.requests(*fixture.alice));
}

TEST(BudgetsFixture, without_a_bound_there_is_none) {
  for (int i = 0; i < 1000; ++i) assert_true(fixture.requests(*fixture.alice, kNoBound));
}

TEST(BudgetsFixture, what_is_left_of_a_minute_and_when_all_is_back_can_be_told) {
  fixture.requests(*fixture.alice, 3);
  fixture.requests(*fixture.alice, 3);
  fixture.now += 5s;
  const Allowance left = fixture.alice->allowance(3, fixture.now);
  assert_int_equal(left.limit, 3);
  assert_int_equal(left.remaining, 1);
  assert_true(left.reset == 35s);
}

TEST(BudgetsFixture, who_has_not_called_has_all_of_the_minute) {
  const Allowance left = fixture.alice->allowance(3, fixture.now);
  assert_int_equal(left.remaining, 3);
  assert_true(left.reset == 0s);
}

TEST(BudgetsFixture, mints_and_requests_are_counted_apart) {
  while (fixture.requests(*fixture.alice)) {
  }
  assert_false(fixture.alice->mint_wait(2, fixture.now).has_value());
}

TEST(BudgetsFixture, one_caller_takes_nothing_from_another) {
  const auto bob = fixture.open("bob");
  while (fixture.requests(*fixture.alice)) {
  }
  assert_true(fixture.requests(*bob));
}

TEST(BudgetsFixture, hanging_up_gives_nothing_back) {
  while (fixture.requests(*fixture.alice)) {
  }
  fixture.alice = nullptr;
  fixture.alice = fixture.open("alice");
  assert_false(fixture.requests(*fixture.alice));
}

TEST(BudgetsFixture, who_owes_nothing_and_is_gone_makes_room) {
  fixture.open("bob");
  fixture.open("carol");
  fixture.open("dave");
  assert_int_equal(fixture.budgets.size(), 2);
}

TEST(BudgetsFixture, who_is_gone_but_has_spent_is_remembered) {
  fixture.requests(*fixture.open("bob"));
  fixture.open("carol");
  fixture.open("dave");
  assert_false(fixture.requests(*fixture.open("bob"), 1));
}

TEST(BudgetsFixture, when_there_are_too_many_the_last_ones_share_one_budget) {
  const auto bob = fixture.open("bob");
  const auto carol = fixture.open("carol");
  const auto dave = fixture.open("dave");
  const auto erin = fixture.open("erin");
  while (fixture.requests(*dave)) {
  }
  assert_false(fixture.requests(*erin));
  assert_int_equal(fixture.budgets.size(), 3);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(BudgetsFixture, a_minutes_requests_may_come_at_once_and_no_more),
      RUN(BudgetsFixture, who_is_refused_is_told_how_long_to_wait),
      RUN(BudgetsFixture, without_a_bound_there_is_none),
      RUN(BudgetsFixture, what_is_left_of_a_minute_and_when_all_is_back_can_be_told),
      RUN(BudgetsFixture, who_has_not_called_has_all_of_the_minute),
      RUN(BudgetsFixture, mints_and_requests_are_counted_apart),
      RUN(BudgetsFixture, one_caller_takes_nothing_from_another),
      RUN(BudgetsFixture, hanging_up_gives_nothing_back),
      RUN(BudgetsFixture, who_owes_nothing_and_is_gone_makes_room),
      RUN(BudgetsFixture, who_is_gone_but_has_spent_is_remembered),
      RUN(BudgetsFixture, when_there_are_too_many_the_last_ones_share_one_budget),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
