#include "daemon/platform/systemd/listen_fds.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/cmocka_cpp.h"
#include "tests/unit/platform/systemd/variables.h"

using namespace tokman;

namespace {

constexpr int kFirst = 100;

// Two sockets at kFirst and kFirst + 1, as systemd passes them.
struct Activated : Variables {
  Activated() {
    for (int i = 0; i < 2; ++i) {
      const Fd made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      dup2(made.get(), kFirst + i);
    }
    values = {{"LISTEN_PID", std::to_string(getpid())},
              {"LISTEN_FDS", "2"},
              {"LISTEN_FDNAMES", "varlink:http"}};
  }
  ~Activated() {
    close(kFirst);
    close(kFirst + 1);
  }
  // How many were taken; -1 for an error.
  int take() {
    Result<std::vector<InheritedFd>> result = take_listen_fds(environment(), kFirst);
    if (!result.ok()) return -1;
    taken = std::move(result).value();
    return static_cast<int>(taken.size());
  }

  std::vector<InheritedFd> taken;
};

TEST(Activated, the_sockets_are_taken_in_order) {
  assert_int_equal(fixture.take(), 2);
  assert_int_equal(fixture.taken[0].fd.get(), kFirst);
  assert_int_equal(fixture.taken[1].fd.get(), kFirst + 1);
}

TEST(Activated, they_have_the_names_of_their_units) {
  fixture.take();
  assert_string_equal(fixture.taken.at(0).name.c_str(), "varlink");
  assert_string_equal(fixture.taken.at(1).name.c_str(), "http");
}

TEST(Activated, they_may_have_no_names) {
  fixture.values.erase("LISTEN_FDNAMES");
  fixture.take();
  assert_string_equal(fixture.taken.at(1).name.c_str(), "");
}

TEST(Activated, they_are_closed_on_exec) {
  fixture.take();
  assert_true(fcntl(kFirst, F_GETFD) & FD_CLOEXEC);
}

TEST(Activated, the_variables_are_gone_afterwards) {
  fixture.take();
  assert_int_equal(fixture.values.size(), 0);
}

TEST(Activated, sockets_for_another_process_are_left_alone) {
  fixture.values["LISTEN_PID"] = "1";
  assert_int_equal(fixture.take(), 0);
  assert_true(fcntl(kFirst, F_GETFD) >= 0);
}

TEST(Activated, without_the_variables_there_are_none) {
  fixture.values.clear();
  assert_int_equal(fixture.take(), 0);
}

TEST(Activated, a_number_that_is_none_announces_nothing) {
  fixture.values["LISTEN_FDS"] = "two";
  assert_int_equal(fixture.take(), 0);
}

TEST(Activated, a_socket_that_is_announced_but_not_there_is_an_error) {
  fixture.values["LISTEN_FDS"] = "3";
  assert_int_equal(fixture.take(), -1);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Activated, the_sockets_are_taken_in_order),
      RUN(Activated, they_have_the_names_of_their_units),
      RUN(Activated, they_may_have_no_names),
      RUN(Activated, they_are_closed_on_exec),
      RUN(Activated, the_variables_are_gone_afterwards),
      RUN(Activated, sockets_for_another_process_are_left_alone),
      RUN(Activated, without_the_variables_there_are_none),
      RUN(Activated, a_number_that_is_none_announces_nothing),
      RUN(Activated, a_socket_that_is_announced_but_not_there_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
