// Who is told of an answer, and who no longer is.
#include "daemon/base/waiters.h"

#include <string>

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct WaitersFixture {
  std::unique_ptr<Waiters<int>> waiters = std::make_unique<Waiters<int>>();
  std::string told;
  OperationPtr first;
  OperationPtr second;

  OperationPtr add(const std::string& name) {
    return waiters->add([this, name](int answer) { told += name + std::to_string(answer) + " "; });
  }
};

TEST(WaitersFixture, all_are_told_in_the_order_they_came) {
  fixture.first = fixture.add("a");
  fixture.second = fixture.add("b");
  fixture.waiters->answer_all(1);
  assert_string_equal(fixture.told.c_str(), "a1 b1 ");
}

TEST(WaitersFixture, nobody_is_told_twice) {
  fixture.first = fixture.add("a");
  fixture.waiters->answer_all(1);
  fixture.waiters->answer_all(2);
  assert_string_equal(fixture.told.c_str(), "a1 ");
}

TEST(WaitersFixture, one_who_has_left_is_not_told) {
  fixture.first = fixture.add("a");
  fixture.first.reset();
  fixture.waiters->answer_all(1);
  assert_string_equal(fixture.told.c_str(), "");
}

TEST(WaitersFixture, one_who_leaves_disturbs_no_other) {
  fixture.first = fixture.add("a");
  fixture.second = fixture.add("b");
  fixture.first.reset();
  fixture.waiters->answer_all(1);
  assert_string_equal(fixture.told.c_str(), "b1 ");
}

TEST(WaitersFixture, one_told_may_take_another_out_before_its_turn) {
  fixture.first = fixture.waiters->add([&fixture](int) { fixture.second.reset(); });
  fixture.second = fixture.add("b");
  fixture.waiters->answer_all(1);
  assert_string_equal(fixture.told.c_str(), "");
}

TEST(WaitersFixture, one_told_may_destroy_its_own_operation) {
  const std::string name = "a name that is too long to be stored in place";
  fixture.first = fixture.waiters->add([&fixture, name](int) {
    fixture.first.reset();
    fixture.told = name;
  });
  fixture.waiters->answer_all(1);
  assert_string_equal(fixture.told.c_str(), name.c_str());
}

TEST(WaitersFixture, who_comes_while_others_are_told_waits_for_the_next_answer) {
  fixture.first = fixture.waiters->add([&fixture](int) { fixture.second = fixture.add("b"); });
  fixture.waiters->answer_all(1);
  fixture.waiters->answer_all(2);
  assert_string_equal(fixture.told.c_str(), "b2 ");
}

TEST(WaitersFixture, the_rest_are_told_when_the_first_destroys_the_waiters) {
  fixture.first = fixture.waiters->add([&fixture](int) { fixture.waiters.reset(); });
  fixture.second = fixture.add("b");
  fixture.waiters->answer_all(1);
  assert_string_equal(fixture.told.c_str(), "b1 ");
}

TEST(WaitersFixture, an_operation_may_outlive_the_waiters) {
  fixture.first = fixture.add("a");
  fixture.waiters.reset();
  fixture.first.reset();
  assert_string_equal(fixture.told.c_str(), "");
}

TEST(WaitersFixture, they_are_empty_once_all_have_left) {
  fixture.first = fixture.add("a");
  fixture.first.reset();
  assert_true(fixture.waiters->empty());
}

TEST(WaitersFixture, they_are_not_empty_while_one_waits) {
  fixture.first = fixture.add("a");
  assert_false(fixture.waiters->empty());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(WaitersFixture, all_are_told_in_the_order_they_came),
      RUN(WaitersFixture, nobody_is_told_twice),
      RUN(WaitersFixture, one_who_has_left_is_not_told),
      RUN(WaitersFixture, one_who_leaves_disturbs_no_other),
      RUN(WaitersFixture, one_told_may_take_another_out_before_its_turn),
      RUN(WaitersFixture, one_told_may_destroy_its_own_operation),
      RUN(WaitersFixture, who_comes_while_others_are_told_waits_for_the_next_answer),
      RUN(WaitersFixture, the_rest_are_told_when_the_first_destroys_the_waiters),
      RUN(WaitersFixture, an_operation_may_outlive_the_waiters),
      RUN(WaitersFixture, they_are_empty_once_all_have_left),
      RUN(WaitersFixture, they_are_not_empty_while_one_waits),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
