#include "daemon/platform/uv/child_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

// Runs shell scripts; what a script writes to descriptor 3 can be read.
struct Parent {
  Parent() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    output = Fd(ends[0]);
    output_writer = Fd(ends[1]);
  }

  void start(std::string script) {
    Result<std::unique_ptr<ChildProcess>> started = ChildProcess::start(
        loop,
        {.path = "/bin/sh", .arguments = {"-c", std::move(script)}, .fds = {output_writer.get()}},
        [this](ExitStatus status) {
          exit = status;
          if (destroy_in_callback) child.reset();
        });
    assert_true(started.ok());
    child = std::move(started).value();
    output_writer.reset();
  }
  std::string read_output() {
    char buffer[256];
    const ssize_t size = read(output.get(), buffer, sizeof buffer);
    return size > 0 ? std::string(buffer, static_cast<std::size_t>(size)) : "";
  }

  Loop loop;
  Fd output;
  Fd output_writer;
  std::unique_ptr<ChildProcess> child;
  std::optional<ExitStatus> exit;
  bool destroy_in_callback = false;
};

TEST(Parent, the_exit_status_is_told) {
  fixture.start("exit 7");
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.exit->status, 7);
  assert_int_equal(fixture.exit->signal, 0);
}

TEST(Parent, the_signal_that_killed_it_is_told) {
  fixture.start("kill -KILL $$");
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.exit->signal, SIGKILL);
}

TEST(Parent, it_gets_the_descriptors_given) {
  fixture.start("echo hello >&3");
  assert_string_equal(fixture.read_output().c_str(), "hello\n");
  fixture.loop.run_until_stopped();
}

TEST(Parent, it_reads_nothing_from_standard_input) {
  fixture.start("readlink /proc/self/fd/0 >&3");
  assert_string_equal(fixture.read_output().c_str(), "/dev/null\n");
  fixture.loop.run_until_stopped();
}

TEST(Parent, terminate_asks_it_to_end) {
  fixture.start("trap 'exit 3' TERM; echo ready >&3; while :; do sleep 0.01; done");
  fixture.read_output();
  fixture.child->terminate();
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.exit->status, 3);
}

TEST(Parent, destroying_it_kills_it_even_if_it_does_not_want_to_end) {
  fixture.start("trap '' TERM; echo ready >&3; exec 3>&-; while :; do sleep 1; done");
  fixture.read_output();
  const int pid = fixture.child->pid();
  fixture.child.reset();
  assert_int_equal(kill(pid, 0), -1);  // Not even as a zombie.
  assert_int_equal(errno, ESRCH);
}

TEST(Parent, a_destroyed_child_does_not_call_back) {
  fixture.start("exit 0");
  fixture.child.reset();
  fixture.loop.run_until_stopped();
  assert_false(fixture.exit.has_value());
}

TEST(Parent, it_may_be_destroyed_in_its_callback) {
  fixture.destroy_in_callback = true;
  fixture.start("exit 0");
  fixture.loop.run_until_stopped();
  assert_null(fixture.child.get());
}

TEST(Parent, a_program_that_is_not_there_is_an_error) {
  const auto started = ChildProcess::start(fixture.loop, {.path = "/no/such/program"}, {});
  assert_false(started.ok());
  assert_string_equal(started.error().message.c_str(),
                      "starting /no/such/program: No such file or directory");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Parent, the_exit_status_is_told),
      RUN(Parent, the_signal_that_killed_it_is_told),
      RUN(Parent, it_gets_the_descriptors_given),
      RUN(Parent, it_reads_nothing_from_standard_input),
      RUN(Parent, terminate_asks_it_to_end),
      RUN(Parent, destroying_it_kills_it_even_if_it_does_not_want_to_end),
      RUN(Parent, a_destroyed_child_does_not_call_back),
      RUN(Parent, it_may_be_destroyed_in_its_callback),
      RUN(Parent, a_program_that_is_not_there_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
