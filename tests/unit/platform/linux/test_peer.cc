#include "daemon/platform/linux/peer.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "tests/support/cmocka_cpp.h"
#include "tests/support/temp_folder.h"

using namespace tokman;

namespace {

constexpr uid_t kNobody = 65534;

// A socket that listens, and a child process that connects to it.
struct Connection {
  TempFolder folder;
  Fd listener, accepted;
  pid_t child = 0;

  Connection() {
    ::chmod(folder.path().c_str(), 0755);
    listener.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un name = address();
    assert_int_equal(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name),
                     0);
    ::chmod(name.sun_path, 0777);
    assert_int_equal(::listen(listener.get(), 1), 0);
  }
  ~Connection() { end_child(); }

  sockaddr_un address() const {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    folder.file("socket").copy(name.sun_path, sizeof name.sun_path - 1);
    return name;
  }

  // The child does `before`, connects, does `after`, and then waits until it is ended. What holds
  // us until it has come that far is a pipe that it or exec() closes.
  void connect_child(const std::function<void()>& before, const std::function<void()>& after) {
    int ready[2];
    assert_int_equal(::pipe2(ready, O_CLOEXEC), 0);
    const Fd reading(ready[0]);
    Fd writing(ready[1]);
    child = ::fork();
    if (child == 0) {
      before();
      const Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
      const sockaddr_un name = address();
      if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) {
        ::_exit(1);
      }
      after();
      writing.reset();
      for (;;) ::pause();
    }
    writing.reset();
    char end = 0;
    assert_int_equal(::read(reading.get(), &end, 1), 0);
    accepted.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    assert_true(accepted.valid());
  }
  void connect_child() {
    connect_child([] {}, [] {});
  }

  void end_child() {
    if (child <= 0) return;
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    child = 0;
  }

  Peer peer(PidfdFrom from = PidfdFrom::connection) {
    Result<Peer> peer = read_peer(accepted.get(), from);
    assert_true(peer.ok());
    return std::move(peer).value();
  }
};

bool is_root() { return ::geteuid() == 0; }

// A copy of a program that does nothing, as the child's own.
std::string copied_program(const Connection& connection) {
  const std::string path = connection.folder.file("program");
  std::filesystem::copy_file("/bin/sleep", path);
  return path;
}

void run(const std::string& program) {
  ::execl(program.c_str(), program.c_str(), "60", nullptr);
  ::_exit(1);
}

TEST(Connection, uid_gid_and_pid_are_the_connectors) {
  fixture.connect_child();
  const Peer peer = fixture.peer();
  assert_int_equal(peer.uid, ::geteuid());
  assert_int_equal(peer.gid, ::getegid());
  assert_int_equal(peer.pid, fixture.child);
}

TEST(Connection, a_change_of_user_after_connecting_changes_nothing) {
  if (!is_root()) return;
  fixture.connect_child([] {}, [] { (void)!::setuid(kNobody); });
  assert_int_equal(fixture.peer().uid, 0);
}

TEST(Connection, groups_are_sorted_and_each_comes_once) {
  if (!is_root()) return;
  fixture.connect_child(
      [] {
        const gid_t groups[] = {2001, 5, 2000, 2001};
        ::setgroups(4, groups);
      },
      [] {});
  const std::vector<gid_t> expected = {5, 2000, 2001};
  assert_true(fixture.peer().groups == expected);
}

TEST(Connection, more_groups_than_expected_are_all_read) {
  if (!is_root()) return;
  fixture.connect_child(
      [] {
        std::vector<gid_t> groups(500);
        for (gid_t i = 0; i < 500; ++i) groups[i] = 1000 + i;
        ::setgroups(groups.size(), groups.data());
      },
      [] {});
  assert_int_equal(fixture.peer().groups.size(), 500);
}

TEST(Connection, a_pidfd_by_number_is_not_vouched_for) {
  fixture.connect_child();
  const Peer peer = fixture.peer(PidfdFrom::number);
  assert_true(peer.pidfd.valid());
  assert_false(peer.is_vouched);
}

TEST(Connection, the_connections_own_pidfd_is_vouched_for_where_the_kernel_has_it) {
  fixture.connect_child();
  const Peer peer = fixture.peer();
  assert_true(peer.pidfd.valid());
  int fd = -1;
  socklen_t size = sizeof fd;
  const bool kernel_has_it = ::getsockopt(fixture.accepted.get(), SOL_SOCKET, 77, &fd, &size) == 0;
  const Fd closed(fd);
  assert_int_equal(peer.is_vouched, kernel_has_it);
}

TEST(Connection, a_number_that_belongs_to_another_user_now_gives_no_pidfd) {
  if (!is_root()) return;
  fixture.connect_child([] {},
                        [] {
                          (void)!::setgid(kNobody);
                          (void)!::setuid(kNobody);
                          run("/bin/sleep");
                        });
  assert_false(fixture.peer(PidfdFrom::number).pidfd.valid());
}

TEST(Connection, a_number_whose_process_is_gone_gives_no_pidfd) {
  fixture.connect_child();
  fixture.end_child();
  assert_false(fixture.peer(PidfdFrom::number).pidfd.valid());
}

TEST(Connection, a_peer_that_is_gone_still_has_its_uid) {
  fixture.connect_child();
  fixture.end_child();
  assert_int_equal(fixture.peer().uid, ::geteuid());
}

TEST(Connection, the_program_is_the_file_that_the_peer_runs) {
  const std::string program = copied_program(fixture);
  fixture.connect_child([] {}, [&] { run(program); });
  assert_string_equal(read_process_facts(fixture.peer()).program.value_or("").c_str(),
                      program.c_str());
}

TEST(Connection, a_pidfd_by_number_leads_to_the_program_too) {
  const std::string program = copied_program(fixture);
  fixture.connect_child([] {}, [&] { run(program); });
  assert_string_equal(
      read_process_facts(fixture.peer(PidfdFrom::number)).program.value_or("").c_str(),
      program.c_str());
}

TEST(Connection, a_program_whose_file_was_deleted_is_absent) {
  const std::string program = copied_program(fixture);
  fixture.connect_child([] {}, [&] { run(program); });
  std::filesystem::remove(program);
  assert_false(read_process_facts(fixture.peer()).program.has_value());
}

TEST(Connection, a_file_put_in_the_place_of_the_running_one_does_not_lend_it_its_name) {
  const std::string program = copied_program(fixture);
  fixture.connect_child([] {}, [&] { run(program); });
  std::filesystem::rename(program, program + ".old");
  std::filesystem::copy_file("/bin/true", program);
  const auto facts = read_process_facts(fixture.peer());
  assert_string_equal(facts.program.value_or("").c_str(), (program + ".old").c_str());
}

TEST(Connection, a_program_mounted_over_another_one_does_not_get_its_name) {
  if (!is_root()) return;
  const std::string program = copied_program(fixture);
  fixture.connect_child(
      [] {},
      [&] {
        if (::unshare(CLONE_NEWNS) != 0 ||
            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount(program.c_str(), "/bin/true", nullptr, MS_BIND, nullptr) != 0) {
          run(program);  // No mount namespaces here.
        }
        run("/bin/true");
      });
  const std::string seen = read_process_facts(fixture.peer()).program.value_or(program);
  assert_string_equal(seen.c_str(), program.c_str());
}

TEST(Connection, a_peer_that_is_gone_has_no_facts) {
  fixture.connect_child();
  const Peer peer = fixture.peer();
  fixture.end_child();
  const ProcessFacts facts = read_process_facts(peer);
  assert_false(facts.unit || facts.program);
}

TEST(Connection, a_peer_without_a_pidfd_has_no_facts) {
  fixture.connect_child();
  Peer peer = fixture.peer();
  peer.pidfd.reset();
  const ProcessFacts facts = read_process_facts(peer);
  assert_false(facts.unit || facts.program);
}

TEST(Connection, a_descriptor_that_is_no_socket_is_an_error) {
  assert_false(read_peer(STDIN_FILENO + 1000).ok());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Connection, uid_gid_and_pid_are_the_connectors),
      RUN(Connection, a_change_of_user_after_connecting_changes_nothing),
      RUN(Connection, groups_are_sorted_and_each_comes_once),
      RUN(Connection, more_groups_than_expected_are_all_read),
      RUN(Connection, a_pidfd_by_number_is_not_vouched_for),
      RUN(Connection, the_connections_own_pidfd_is_vouched_for_where_the_kernel_has_it),
      RUN(Connection, a_number_that_belongs_to_another_user_now_gives_no_pidfd),
      RUN(Connection, a_number_whose_process_is_gone_gives_no_pidfd),
      RUN(Connection, a_peer_that_is_gone_still_has_its_uid),
      RUN(Connection, the_program_is_the_file_that_the_peer_runs),
      RUN(Connection, a_pidfd_by_number_leads_to_the_program_too),
      RUN(Connection, a_program_whose_file_was_deleted_is_absent),
      RUN(Connection, a_file_put_in_the_place_of_the_running_one_does_not_lend_it_its_name),
      RUN(Connection, a_program_mounted_over_another_one_does_not_get_its_name),
      RUN(Connection, a_peer_that_is_gone_has_no_facts),
      RUN(Connection, a_peer_without_a_pidfd_has_no_facts),
      RUN(Connection, a_descriptor_that_is_no_socket_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
