#include "daemon/platform/uv/loop.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <thread>

#include "daemon/platform/uv/fd_watch.h"
#include "libtokman/base/fd.h"
#include "tests/support/cmocka_cpp.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

// The loop's destructor proves in every test that nothing was left open.
struct Turning {
  Loop loop;
  OperationPtr operation;
  int calls = 0;
};

Instant real_boot_time() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return Instant(std::chrono::milliseconds(time.tv_sec * 1000 + time.tv_nsec / 1'000'000));
}

void spend(std::chrono::milliseconds duration) {
  const Instant end = real_boot_time() + duration;
  while (real_boot_time() <= end) {
  }
}

TEST(Turning, now_is_the_boot_clock) {
  const Instant before = real_boot_time();
  const Instant now = fixture.loop.now();
  assert_true(now >= before - 10s);  // It may have been read when the loop was made.
  assert_true(now <= real_boot_time());
}

TEST(Turning, unix_now_is_the_date) {
  const std::time_t date = fixture.loop.unix_now().time_since_epoch().count();
  const std::time_t later = std::time(nullptr);
  assert_in_range(date, later - 10, later);
}

TEST(Turning, time_stands_still_within_a_turn) {
  fixture.operation = fixture.loop.at(fixture.loop.now(), [&] {
    const Instant before = fixture.loop.now();
    spend(3ms);
    assert_true(fixture.loop.now() == before);
  });
  fixture.loop.run_until_stopped();
}

TEST(Turning, time_goes_on_from_turn_to_turn) {
  const Instant before = fixture.loop.now();
  spend(3ms);
  fixture.operation = fixture.loop.at(before, [&] { ++fixture.calls; });
  fixture.loop.run_until_stopped();
  assert_true(fixture.loop.now() >= before + 3ms);
}

TEST(Turning, a_timer_is_never_early) {
  const Instant due = fixture.loop.now() + 4ms;
  fixture.operation = fixture.loop.at(due, [&] {
    ++fixture.calls;
    assert_true(fixture.loop.now() >= due);
  });
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.calls, 1);
}

TEST(Turning, a_timer_that_is_overdue_fires_in_the_next_turn_and_not_at_once) {
  fixture.operation = fixture.loop.at(fixture.loop.now() - 1h, [&] { ++fixture.calls; });
  assert_int_equal(fixture.calls, 0);
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.calls, 1);
}

TEST(Turning, a_destroyed_timer_never_fires) {
  fixture.operation = fixture.loop.at(fixture.loop.now(), [&] { ++fixture.calls; });
  fixture.operation.reset();
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.calls, 0);
}

TEST(Turning, a_timer_may_destroy_itself_in_its_callback) {
  fixture.operation = fixture.loop.at(fixture.loop.now(), [&] {
    fixture.operation.reset();
    ++fixture.calls;
  });
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.calls, 1);
}

TEST(Turning, a_timer_may_be_replaced_by_the_next_in_its_callback) {
  fixture.operation = fixture.loop.at(fixture.loop.now(), [&] {
    fixture.operation = fixture.loop.at(fixture.loop.now() + 1ms, [&] { ++fixture.calls; });
  });
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.calls, 1);
}

TEST(Turning, timers_that_are_due_at_once_again_and_again_do_not_starve_sockets) {
  int ends[2];
  socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
  const Fd socket(ends[0]);
  const Fd peer(ends[1]);
  struct Reader final : FdWatch::Owner {
    explicit Reader(Loop& reading_loop) : loop(reading_loop) {}
    void on_ready(Readiness) override { loop.stop(); }
    Loop& loop;
  } reader(fixture.loop);
  FdWatch watch(fixture.loop, socket.get(), reader);
  watch.set({.read = true});
  send(peer.get(), "x", 1, 0);
  const std::function<void()> again = [&] {
    if (++fixture.calls == 1000) fixture.loop.stop();
    fixture.operation = fixture.loop.at(fixture.loop.now(), again);
  };
  again();
  fixture.loop.run_until_stopped();
  assert_in_range(fixture.calls, 1, 10);
  fixture.operation.reset();
}

TEST(Turning, a_distant_timer_is_looked_at_again_in_case_the_machine_was_suspended) {
  fixture.operation = fixture.loop.at(fixture.loop.now() + 1h, [] {});
  std::uint64_t due_in_ms = 0;
  uv_walk(
      fixture.loop.raw(),
      [](uv_handle_t* handle, void* found) {
        *static_cast<std::uint64_t*>(found) =
            uv_timer_get_due_in(reinterpret_cast<uv_timer_t*>(handle));
      },
      &due_in_ms);
  assert_true(std::chrono::milliseconds(due_in_ms) <= Loop::kRecheck);
  fixture.operation.reset();
}

TEST(Turning, background_work_runs_on_another_thread_and_ends_on_the_loops) {
  std::thread::id worker;
  std::thread::id ender;
  fixture.operation = fixture.loop.run([&] { worker = std::this_thread::get_id(); },
                                       [&] { ender = std::this_thread::get_id(); });
  fixture.loop.run_until_stopped();
  assert_true(worker != std::thread::id() && worker != std::this_thread::get_id());
  assert_true(ender == std::this_thread::get_id());
}

TEST(Turning, background_work_may_be_destroyed_as_it_ends) {
  fixture.operation = fixture.loop.run([] {},
                                       [&] {
                                         fixture.operation.reset();
                                         ++fixture.calls;
                                       });
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.calls, 1);
}

TEST(Turning, cancelled_work_runs_to_its_end_and_does_not_call_back) {
  std::atomic<bool> worked = false;
  fixture.operation = fixture.loop.run([&] { worked = true; }, [&] { ++fixture.calls; });
  fixture.operation.reset();
  fixture.loop.run_until_stopped();
  assert_true(worked);
  assert_int_equal(fixture.calls, 0);
}

TEST(Turning, the_loop_does_not_go_before_work_that_is_still_running) {
  std::atomic<bool> worked = false;
  {
    Loop loop;
    OperationPtr work = loop.run(
        [&] {
          spend(3ms);
          worked = true;
        },
        [] {});
    work.reset();
  }
  assert_true(worked);
}

TEST(Turning, stop_ends_the_run_though_there_is_more_to_wait_for) {
  OperationPtr later = fixture.loop.at(fixture.loop.now() + 1h, [&] { ++fixture.calls; });
  fixture.operation = fixture.loop.at(fixture.loop.now(), [&] { fixture.loop.stop(); });
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.calls, 0);
}

TEST(Turning, an_open_handle_that_outlives_its_loop_ends_a_build_with_assertions) {
  const pid_t child = fork();
  if (child == 0) {
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    auto loop = std::make_unique<Loop>();
    OperationPtr forgotten = loop->at(loop->now(), [] {});
    loop.reset();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Turning, now_is_the_boot_clock),
      RUN(Turning, unix_now_is_the_date),
      RUN(Turning, time_stands_still_within_a_turn),
      RUN(Turning, time_goes_on_from_turn_to_turn),
      RUN(Turning, a_timer_is_never_early),
      RUN(Turning, a_timer_that_is_overdue_fires_in_the_next_turn_and_not_at_once),
      RUN(Turning, a_destroyed_timer_never_fires),
      RUN(Turning, a_timer_may_destroy_itself_in_its_callback),
      RUN(Turning, a_timer_may_be_replaced_by_the_next_in_its_callback),
      RUN(Turning, timers_that_are_due_at_once_again_and_again_do_not_starve_sockets),
      RUN(Turning, a_distant_timer_is_looked_at_again_in_case_the_machine_was_suspended),
      RUN(Turning, background_work_runs_on_another_thread_and_ends_on_the_loops),
      RUN(Turning, background_work_may_be_destroyed_as_it_ends),
      RUN(Turning, cancelled_work_runs_to_its_end_and_does_not_call_back),
      RUN(Turning, the_loop_does_not_go_before_work_that_is_still_running),
      RUN(Turning, stop_ends_the_run_though_there_is_more_to_wait_for),
      RUN(Turning, an_open_handle_that_outlives_its_loop_ends_a_build_with_assertions),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
