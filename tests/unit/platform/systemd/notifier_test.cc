#include "daemon/platform/systemd/notifier.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "libtokman/base/fd.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/platform/systemd/variables.h"

using namespace tokman;

namespace {

// Listens where systemd would, at a path or in the abstract namespace.
struct ServiceManager : Variables {
  ServiceManager() { listen_at("/tmp/tokman-notify-" + std::to_string(getpid())); }
  ~ServiceManager() { unlink(path.c_str()); }

  void listen_at(const std::string& name) {
    unlink(path.c_str());
    path = name;
    values["NOTIFY_SOCKET"] = name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(name.begin(), name.end(), address.sun_path);
    if (name[0] == '@') address.sun_path[0] = '\0';
    socket = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
         static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size()));
  }
  Notifier notifier() { return Notifier(environment()); }
  std::string received() {
    char message[512];
    const ssize_t size = recv(socket.get(), message, sizeof message, 0);
    return size < 0 ? "" : std::string(message, static_cast<std::size_t>(size));
  }

  std::string path;
  Fd socket;
};

TEST(ServiceManager, it_hears_that_the_daemon_is_ready) {
  assert_true(fixture.notifier().ready("2 apps").ok());
  assert_string_equal(fixture.received().c_str(), "READY=1\nSTATUS=2 apps");
}

TEST(ServiceManager, a_status_cannot_forge_a_field) {
  assert_true(fixture.notifier().ready("fine\nMAINPID=1").ok());
  assert_string_equal(fixture.received().c_str(), "READY=1\nSTATUS=fine MAINPID=1");
}

TEST(ServiceManager, it_hears_when_a_reload_began) {
  assert_true(fixture.notifier().reloading().ok());
  const std::string message = fixture.received();
  const std::string prefix = "RELOADING=1\nMONOTONIC_USEC=";
  assert_true(message.starts_with(prefix));
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long long now_micros = now.tv_sec * 1'000'000LL + now.tv_nsec / 1'000;
  assert_in_range(std::stoll(message.substr(prefix.size())), now_micros - 10'000'000, now_micros);
}

TEST(ServiceManager, it_hears_that_the_daemon_is_stopping) {
  assert_true(fixture.notifier().stopping().ok());
  assert_string_equal(fixture.received().c_str(), "STOPPING=1");
}

TEST(ServiceManager, it_hears_that_the_daemon_is_alive) {
  assert_true(fixture.notifier().watchdog().ok());
  assert_string_equal(fixture.received().c_str(), "WATCHDOG=1");
}

TEST(ServiceManager, it_may_listen_in_the_abstract_namespace) {
  fixture.listen_at("@tokman-notify-" + std::to_string(getpid()));
  assert_true(fixture.notifier().stopping().ok());
  assert_string_equal(fixture.received().c_str(), "STOPPING=1");
}

TEST(ServiceManager, without_one_there_is_nobody_to_tell) {
  fixture.values.clear();
  assert_true(fixture.notifier().ready("").ok());
}

TEST(ServiceManager, one_that_is_gone_is_an_error) {
  fixture.socket.reset();
  const Result<Done> told = fixture.notifier().stopping();
  assert_false(told.ok());
  assert_true(told.error().message.find(fixture.path) != std::string::npos);
}

TEST(ServiceManager, a_name_that_is_too_long_is_an_error) {
  fixture.values["NOTIFY_SOCKET"] = "/" + std::string(200, 'x');
  assert_false(fixture.notifier().stopping().ok());
}

TEST(ServiceManager, it_says_how_often_it_wants_to_hear) {
  fixture.values["WATCHDOG_USEC"] = "30000000";
  assert_true(fixture.notifier().watchdog_interval() == std::chrono::seconds(30));
}

TEST(ServiceManager, the_interval_may_name_this_process) {
  fixture.values["WATCHDOG_USEC"] = "30000000";
  fixture.values["WATCHDOG_PID"] = std::to_string(getpid());
  assert_true(fixture.notifier().watchdog_interval() == std::chrono::seconds(30));
}

TEST(ServiceManager, an_interval_for_another_process_does_not_count) {
  fixture.values["WATCHDOG_USEC"] = "30000000";
  fixture.values["WATCHDOG_PID"] = "1";
  assert_false(fixture.notifier().watchdog_interval().has_value());
}

TEST(ServiceManager, an_interval_of_nothing_does_not_count) {
  for (const char* value : {"", "0", "-1", "often"}) {
    fixture.values["WATCHDOG_USEC"] = value;
    assert_false(fixture.notifier().watchdog_interval().has_value());
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(ServiceManager, it_hears_that_the_daemon_is_ready),
      RUN(ServiceManager, a_status_cannot_forge_a_field),
      RUN(ServiceManager, it_hears_when_a_reload_began),
      RUN(ServiceManager, it_hears_that_the_daemon_is_stopping),
      RUN(ServiceManager, it_hears_that_the_daemon_is_alive),
      RUN(ServiceManager, it_may_listen_in_the_abstract_namespace),
      RUN(ServiceManager, without_one_there_is_nobody_to_tell),
      RUN(ServiceManager, one_that_is_gone_is_an_error),
      RUN(ServiceManager, a_name_that_is_too_long_is_an_error),
      RUN(ServiceManager, it_says_how_often_it_wants_to_hear),
      RUN(ServiceManager, the_interval_may_name_this_process),
      RUN(ServiceManager, an_interval_for_another_process_does_not_count),
      RUN(ServiceManager, an_interval_of_nothing_does_not_count),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
