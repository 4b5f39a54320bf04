#include "daemon/platform/uv/signals.h"

#include <unistd.h>

#include <csignal>
#include <optional>

#include "libtokman/base/fd.h"
#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

struct Process {
  Process() {
    signals.emplace(loop, Signals::Handlers{.terminate = [this] { on_signal(terminations); },
                                            .reload = [this] { on_signal(reloads); }});
  }
  void on_signal(int& count) {
    ++count;
    if (destroy_in_handler) signals.reset();
    loop.stop();
  }

  Loop loop;
  std::optional<Signals> signals;
  int terminations = 0;
  int reloads = 0;
  bool destroy_in_handler = false;
};

TEST(Process, sigterm_terminates) {
  raise(SIGTERM);
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.terminations, 1);
}

TEST(Process, sigint_terminates) {
  raise(SIGINT);
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.terminations, 1);
}

TEST(Process, sighup_reloads_each_time) {
  raise(SIGHUP);
  fixture.loop.run_until_stopped();
  raise(SIGHUP);
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.reloads, 2);
  assert_int_equal(fixture.terminations, 0);
}

TEST(Process, a_broken_pipe_does_not_kill) {
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  const Fd end(ends[1]);
  assert_int_equal(write(end.get(), "x", 1), -1);
  assert_int_equal(errno, EPIPE);
}

TEST(Process, the_signals_may_be_let_go_in_a_handler) {
  fixture.destroy_in_handler = true;
  raise(SIGTERM);
  fixture.loop.run_until_stopped();
  assert_false(fixture.signals.has_value());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Process, sigterm_terminates),
      RUN(Process, sigint_terminates),
      RUN(Process, sighup_reloads_each_time),
      RUN(Process, a_broken_pipe_does_not_kill),
      RUN(Process, the_signals_may_be_let_go_in_a_handler),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
