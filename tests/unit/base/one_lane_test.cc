// Long works take turns.
#include "daemon/base/one_lane.h"

#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_background.h"

namespace tokman {
namespace {

struct Lane {
  FakeBackground background;
  std::unique_ptr<OneLane> lane = std::make_unique<OneLane>(background);
  std::string told;

  OperationPtr run(const std::string& name) {
    return lane->run([this, name] { told += "work " + name + " "; },
                     [this, name] { told += "done " + name + " "; });
  }
};

TEST(Lane, works_are_done_one_after_the_other_in_the_order_they_came) {
  const OperationPtr first = fixture.run("a");
  const OperationPtr second = fixture.run("b");
  assert_true(fixture.background.step());
  assert_string_equal(fixture.told.c_str(), "work a done a ");
  assert_true(fixture.background.step());
  assert_string_equal(fixture.told.c_str(), "work a done a work b done b ");
}

TEST(Lane, only_one_of_them_is_handed_on_at_a_time) {
  OperationPtr first = fixture.run("a");
  const OperationPtr second = fixture.run("b");
  fixture.lane.reset();
  assert_true(fixture.background.step());
  assert_false(fixture.background.step());
}

TEST(Lane, what_was_cancelled_before_its_turn_is_not_done) {
  const OperationPtr first = fixture.run("a");
  OperationPtr second = fixture.run("b");
  const OperationPtr third = fixture.run("c");
  second.reset();
  while (fixture.background.step()) continue;
  assert_string_equal(fixture.told.c_str(), "work a done a work c done c ");
}

TEST(Lane, what_is_cancelled_in_its_turn_does_not_call_back_and_the_next_begins) {
  OperationPtr first = fixture.run("a");
  const OperationPtr second = fixture.run("b");
  first.reset();
  while (fixture.background.step()) continue;
  assert_string_equal(fixture.told.c_str(), "work a work b done b ");
}

TEST(Lane, nothing_is_done_once_the_lane_is_gone) {
  const OperationPtr only = fixture.run("a");
  fixture.lane.reset();
  assert_true(fixture.background.step());
  assert_string_equal(fixture.told.c_str(), "");
}

TEST(Lane, a_lane_may_be_destroyed_by_what_it_calls) {
  const OperationPtr only = fixture.lane->run([] {}, [&] { fixture.lane.reset(); });
  assert_true(fixture.background.step());
  assert_null(fixture.lane.get());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Lane, works_are_done_one_after_the_other_in_the_order_they_came),
      RUN(Lane, only_one_of_them_is_handed_on_at_a_time),
      RUN(Lane, what_was_cancelled_before_its_turn_is_not_done),
      RUN(Lane, what_is_cancelled_in_its_turn_does_not_call_back_and_the_next_begins),
      RUN(Lane, nothing_is_done_once_the_lane_is_gone),
      RUN(Lane, a_lane_may_be_destroyed_by_what_it_calls),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
