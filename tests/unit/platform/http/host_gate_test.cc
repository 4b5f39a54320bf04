#include "daemon/platform/http/host_gate.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

struct Visitor final : HostGate::Visitor {
  void on_admitted() override { ++admissions; }
  int admissions = 0;
};

struct Gate {
  HostGate gate{2};
  Visitor first, second, third, fourth;

  void let_all_come() {
    for (Visitor* visitor : {&first, &second, &third, &fourth}) gate.enter("host", *visitor);
  }
};

TEST(Gate, visitors_are_admitted_while_there_is_room) {
  fixture.let_all_come();
  assert_int_equal(fixture.first.admissions, 1);
  assert_int_equal(fixture.second.admissions, 1);
  assert_int_equal(fixture.third.admissions, 0);
}

TEST(Gate, another_host_has_room_of_its_own) {
  fixture.gate.enter("a", fixture.first);
  fixture.gate.enter("a", fixture.second);
  fixture.gate.enter("b", fixture.third);
  assert_int_equal(fixture.third.admissions, 1);
}

TEST(Gate, the_longest_waiting_follows_one_that_leaves) {
  fixture.let_all_come();
  fixture.gate.leave("host", fixture.second);
  assert_int_equal(fixture.third.admissions, 1);
  assert_int_equal(fixture.fourth.admissions, 0);
}

TEST(Gate, one_that_gives_up_waiting_makes_no_room) {
  fixture.let_all_come();
  fixture.gate.leave("host", fixture.third);
  assert_int_equal(fixture.fourth.admissions, 0);
  fixture.gate.leave("host", fixture.first);
  assert_int_equal(fixture.fourth.admissions, 1);
  assert_int_equal(fixture.third.admissions, 0);
}

TEST(Gate, leaving_twice_makes_room_once) {
  fixture.let_all_come();
  fixture.gate.leave("host", fixture.first);
  fixture.gate.leave("host", fixture.first);
  assert_int_equal(fixture.fourth.admissions, 0);
}

TEST(Gate, nobody_is_admitted_twice) {
  fixture.let_all_come();
  for (Visitor* visitor : {&fixture.first, &fixture.second, &fixture.third}) {
    fixture.gate.leave("host", *visitor);
  }
  assert_int_equal(fixture.third.admissions, 1);
  assert_int_equal(fixture.fourth.admissions, 1);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Gate, visitors_are_admitted_while_there_is_room),
      RUN(Gate, another_host_has_room_of_its_own),
      RUN(Gate, the_longest_waiting_follows_one_that_leaves),
      RUN(Gate, one_that_gives_up_waiting_makes_no_room),
      RUN(Gate, leaving_twice_makes_room_once),
      RUN(Gate, nobody_is_admitted_twice),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
