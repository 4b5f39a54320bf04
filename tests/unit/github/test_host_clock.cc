// GitHub's clock as it is known here: learned from dates, run by the boot clock.
#include "daemon/domain/github/host_clock.h"

#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_clock.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

struct Clocks {
  FakeClock machine;
  seconds github_ahead{};  // Of the truth.
  HostClock host{machine};

  UnixTime github_now() const { return machine.true_now() + github_ahead; }
  // How far the host's clock is from GitHub's.
  seconds fault() const { return host.now() - github_now(); }
  bool is_right() const { return std::chrono::abs(fault()) <= 1s; }

  void see_date(HostClock::Confirmed confirmed = HostClock::Confirmed::no) {
    host.observe(github_now(), confirmed);
  }
  void see_wrong_date(seconds off) { host.observe(github_now() + off); }
  void pass(Instant::duration time) { machine.go_to(machine.now() + time); }
};

TEST(Clocks, before_the_first_date_it_is_the_wall_clock) {
  fixture.machine.set_wall(7min);
  assert_true(fixture.host.now() == fixture.machine.unix_now());
  assert_int_equal(fixture.host.offset().count(), 0);
}

TEST(Clocks, an_offset_from_an_earlier_run_counts_until_the_first_date) {
  const HostClock restored(fixture.machine, {.offset = -20min, .ahead_of_boot = {}});
  assert_true(restored.now() == fixture.machine.unix_now() - 20min);
  assert_int_equal(restored.offset().count(), -1200);
}

TEST(Clocks, the_first_date_is_believed_at_once) {
  for (const seconds ahead : {seconds(20min), seconds(-20min)}) {
    Clocks world;
    world.github_ahead = ahead;
    world.see_date();
    assert_true(world.is_right());
    assert_int_equal(world.host.offset().count(), ahead.count());
  }
}

TEST(Clocks, a_step_of_the_wall_clock_does_not_move_it) {
  fixture.see_date();
  for (const seconds step : {seconds(1h), seconds(-1h)}) {
    fixture.machine.set_wall(step);
    assert_true(fixture.is_right());
    assert_int_equal(fixture.host.offset().count(), -step.count());
  }
}

TEST(Clocks, dates_after_a_step_of_the_wall_clock_do_not_move_it_either) {
  fixture.see_date();
  fixture.machine.set_wall(3h);
  for (int i = 0; i < 10; ++i) {
    fixture.see_date();
    assert_true(fixture.is_right());
  }
}

TEST(Clocks, it_goes_on_while_the_machine_is_suspended) {
  fixture.see_date();
  fixture.pass(5h);
  assert_true(fixture.is_right());
}

TEST(Clocks, a_date_within_the_noise_moves_it_only_a_little) {
  fixture.see_date();
  fixture.see_wrong_date(4s);
  assert_true(fixture.is_right());
}

TEST(Clocks, whole_seconds_of_dates_never_put_it_more_than_a_second_off) {
  for (int i = 0; i < 500; ++i) {
    fixture.see_date();
    assert_true(fixture.is_right());
    fixture.pass(1337ms);
  }
}

TEST(Clocks, it_follows_a_clock_that_drifts) {
  fixture.see_date();
  for (int i = 0; i < 60; ++i) {
    fixture.github_ahead += 1s;
    for (int dates = 0; dates < 20; ++dates) fixture.see_date();
  }
  assert_true(fixture.is_right());
}

TEST(Clocks, one_bogus_date_changes_nothing) {
  fixture.see_date();
  fixture.see_wrong_date(50min);
  assert_true(fixture.is_right());
  fixture.see_date();
  fixture.see_wrong_date(50min);
  assert_true(fixture.is_right());
}

TEST(Clocks, two_dates_that_agree_are_believed) {
  fixture.see_date();
  fixture.github_ahead = 10min;
  fixture.see_date();
  fixture.pass(30s);
  fixture.see_date();
  assert_true(fixture.is_right());
}

TEST(Clocks, a_date_that_agrees_with_the_wall_clock_is_believed_at_once) {
  fixture.see_date();
  // A virtual machine that stood still: its boot clock does not know, its wall clock was set.
  fixture.machine.set_wall(15min);
  fixture.github_ahead = 15min;
  fixture.see_date();
  assert_true(fixture.is_right());
}

TEST(Clocks, a_confirmed_date_is_believed_at_once) {
  fixture.see_date();
  fixture.github_ahead = 10min;
  fixture.see_date(HostClock::Confirmed::yes);
  assert_true(fixture.is_right());
}

TEST(Clocks, it_is_never_more_than_an_hour_from_the_wall_clock_by_what_it_learns) {
  for (const seconds off : {seconds(48h), seconds(-48h)}) {
    Clocks world;
    for (int i = 0; i < 3; ++i) world.see_wrong_date(off);
    assert_int_equal(world.fault().count(), off > 0s ? 3600 : -3600);
  }
}

TEST(Clocks, the_offset_told_is_an_hour_at_most) {
  fixture.see_date();
  fixture.machine.set_wall(-5h);
  assert_int_equal(fixture.host.offset().count(), 3600);
  assert_int_equal(HostClock(fixture.machine, {.offset = 5h, .ahead_of_boot = {}}).offset().count(),
                   3600);
}

TEST(Clocks, it_says_when_a_time_comes_by_the_boot_clock) {
  fixture.github_ahead = 20min;
  fixture.see_date();
  const Instant now = fixture.machine.now();
  assert_true(fixture.host.when(fixture.github_now() + 90s) == now + 90s);
  assert_true(fixture.host.when(fixture.github_now() - 90s) == now);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Clocks, before_the_first_date_it_is_the_wall_clock),
      RUN(Clocks, an_offset_from_an_earlier_run_counts_until_the_first_date),
      RUN(Clocks, the_first_date_is_believed_at_once),
      RUN(Clocks, a_step_of_the_wall_clock_does_not_move_it),
      RUN(Clocks, dates_after_a_step_of_the_wall_clock_do_not_move_it_either),
      RUN(Clocks, it_goes_on_while_the_machine_is_suspended),
      RUN(Clocks, a_date_within_the_noise_moves_it_only_a_little),
      RUN(Clocks, whole_seconds_of_dates_never_put_it_more_than_a_second_off),
      RUN(Clocks, it_follows_a_clock_that_drifts),
      RUN(Clocks, one_bogus_date_changes_nothing),
      RUN(Clocks, two_dates_that_agree_are_believed),
      RUN(Clocks, a_date_that_agrees_with_the_wall_clock_is_believed_at_once),
      RUN(Clocks, a_confirmed_date_is_believed_at_once),
      RUN(Clocks, it_is_never_more_than_an_hour_from_the_wall_clock_by_what_it_learns),
      RUN(Clocks, the_offset_told_is_an_hour_at_most),
      RUN(Clocks, it_says_when_a_time_comes_by_the_boot_clock),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
