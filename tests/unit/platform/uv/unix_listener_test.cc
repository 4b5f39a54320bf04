#include "daemon/platform/uv/unix_listener.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/cmocka_cpp.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

struct Server final : UnixListener::Events {
  Server() {
    char name[] = "/tmp/tokman-accept-XXXXXX";
    folder = mkdtemp(name);
    getrlimit(RLIMIT_NOFILE, &limit);
    run_for(1ms);  // Sanitizers need descriptors when they first see a timer; then there are some.
  }
  ~Server() {
    setrlimit(RLIMIT_NOFILE, &limit);
    listener.reset();
    std::filesystem::remove_all(folder);
  }

  void on_connection(Fd fd) override {
    accepted.push_back(std::move(fd));
    if (destroy_in_event) listener.reset();
    loop.stop();
  }
  void on_accept_error(Error error) override {
    ++errors_seen;
    last_error = error.message;
    if (destroy_in_event) listener.reset();
    loop.stop();
  }

  void listen_with_pause(std::chrono::milliseconds pause) {
    Result<ListeningSocket> socket = ListeningSocket::make({.path = folder + "/s"});
    assert_true(socket.ok());
    listener.emplace(loop, std::move(socket).value(), *this, pause);
  }
  void connect_callers(std::size_t count) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder + "/s";
    std::copy(path.begin(), path.end(), address.sun_path);
    while (callers.size() < count) {
      Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
      assert_int_equal(
          connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
      callers.push_back(std::move(fd));
    }
  }
  // No further descriptor can be opened until the limit is lifted.
  void use_up_descriptors() {
    const Fd next(open("/dev/null", O_RDONLY | O_CLOEXEC));
    const rlimit low = {static_cast<rlim_t>(next.get()), limit.rlim_max};
    setrlimit(RLIMIT_NOFILE, &low);
  }
  void lift_descriptor_limit() { setrlimit(RLIMIT_NOFILE, &limit); }
  void run_for(std::chrono::milliseconds duration) {
    bool over = false;
    const OperationPtr end = loop.at(loop.now() + duration, [&] {
      over = true;
      loop.stop();
    });
    while (!over) loop.run_until_stopped();
  }

  Loop loop;
  std::string folder;
  rlimit limit{};
  std::optional<UnixListener> listener;
  std::vector<Fd> callers;
  std::vector<Fd> accepted;
  std::string last_error;
  int errors_seen = 0;
  bool destroy_in_event = false;
};

TEST(Server, a_caller_is_accepted) {
  fixture.listen_with_pause(1h);
  fixture.connect_callers(1);
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.accepted.size(), 1);
}

TEST(Server, what_is_accepted_does_not_block_and_is_closed_on_exec) {
  fixture.listen_with_pause(1h);
  fixture.connect_callers(1);
  fixture.loop.run_until_stopped();
  const int fd = fixture.accepted.at(0).get();
  assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
  assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

TEST(Server, a_crowd_is_accepted_in_portions) {
  fixture.listen_with_pause(1h);
  fixture.connect_callers(40);
  fixture.loop.run_until_stopped();
  assert_in_range(fixture.accepted.size(), 2, 39);
  while (fixture.accepted.size() < 40) fixture.loop.run_until_stopped();
}

TEST(Server, running_out_of_descriptors_is_told_once_and_does_not_spin) {
  fixture.listen_with_pause(1h);
  fixture.connect_callers(2);
  fixture.use_up_descriptors();
  fixture.run_for(5ms);
  assert_int_equal(fixture.errors_seen, 1);
  assert_string_equal(fixture.last_error.c_str(), "accepting connections: Too many open files");
}

TEST(Server, callers_that_came_when_descriptors_had_run_out_are_accepted_later) {
  fixture.listen_with_pause(1ms);
  fixture.connect_callers(2);
  fixture.use_up_descriptors();
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.accepted.size(), 0);
  fixture.lift_descriptor_limit();
  while (fixture.accepted.size() < 2) fixture.loop.run_until_stopped();
}

TEST(Server, it_may_be_destroyed_as_a_caller_is_accepted) {
  fixture.destroy_in_event = true;
  fixture.listen_with_pause(1h);
  fixture.connect_callers(2);
  fixture.loop.run_until_stopped();
  assert_int_equal(fixture.accepted.size(), 1);
}

TEST(Server, it_may_be_destroyed_on_an_error) {
  fixture.destroy_in_event = true;
  fixture.listen_with_pause(1ms);
  fixture.connect_callers(1);
  fixture.use_up_descriptors();
  fixture.run_for(5ms);
  assert_int_equal(fixture.errors_seen, 1);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Server, a_caller_is_accepted),
      RUN(Server, what_is_accepted_does_not_block_and_is_closed_on_exec),
      RUN(Server, a_crowd_is_accepted_in_portions),
      RUN(Server, running_out_of_descriptors_is_told_once_and_does_not_spin),
      RUN(Server, callers_that_came_when_descriptors_had_run_out_are_accepted_later),
      RUN(Server, it_may_be_destroyed_as_a_caller_is_accepted),
      RUN(Server, it_may_be_destroyed_on_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
