// Long work is done beside the loop, at the lowest priority.
#include "daemon/platform/uv/quiet_threads.h"

#include <sys/resource.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Quiet {
  Loop loop;
  std::optional<QuietThreads> threads{std::in_place, loop};
  OperationPtr operation;
  OperationPtr other;
  std::atomic<int> worked = 0;
  int done = 0;

  void start() {
    operation = threads->run([this] { ++worked; }, [this] { ++done; });
  }
};

TEST(Quiet, work_is_done_and_then_told_on_the_loop) {
  fixture.start();
  assert_int_equal(fixture.done, 0);
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.worked, 1);
  assert_int_equal(fixture.done, 1);
}

TEST(Quiet, it_is_done_at_the_lowest_priority_and_the_loop_keeps_its_own) {
  const int before = ::getpriority(PRIO_PROCESS, 0);
  int within = 0;
  fixture.operation =
      fixture.threads->run([&within] { within = ::getpriority(PRIO_PROCESS, 0); }, [] {});
  fixture.loop.run_until_stopped();
  assert_int_equal(within, 19);
  assert_int_equal(::getpriority(PRIO_PROCESS, 0), before);
}

TEST(Quiet, two_run_at_the_same_time) {
  std::promise<void> first, second;
  fixture.operation = fixture.threads->run(
      [&] {
        first.set_value();
        second.get_future().wait();
      },
      [&] { ++fixture.done; });
  fixture.other = fixture.threads->run(
      [&] {
        second.set_value();
        first.get_future().wait();
      },
      [&] { ++fixture.done; });
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.done, 2);
}

TEST(Quiet, work_that_was_cancelled_runs_to_its_end_and_is_not_told) {
  fixture.start();
  fixture.operation.reset();
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.worked, 1);
  assert_int_equal(fixture.done, 0);
}

TEST(Quiet, what_is_under_way_is_waited_for_at_the_end) {
  fixture.start();
  fixture.threads.reset();
  assert_int_equal(fixture.worked, 1);
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.done, 0);
}

TEST(Quiet, who_is_told_may_start_more) {
  fixture.operation = fixture.threads->run([] {}, [&] { fixture.start(); });
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.done, 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Quiet, work_is_done_and_then_told_on_the_loop),
      RUN(Quiet, it_is_done_at_the_lowest_priority_and_the_loop_keeps_its_own),
      RUN(Quiet, two_run_at_the_same_time),
      RUN(Quiet, work_that_was_cancelled_runs_to_its_end_and_is_not_told),
      RUN(Quiet, what_is_under_way_is_waited_for_at_the_end),
      RUN(Quiet, who_is_told_may_start_more),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
