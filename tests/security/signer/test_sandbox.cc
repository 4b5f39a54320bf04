#include "daemon/platform/linux/sandbox.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

constexpr int kSandboxFailed = 99;

struct Sandboxed {
  int pair[2] = {-1, -1};

  Sandboxed() { ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair); }
  ~Sandboxed() {
    ::close(pair[0]);
    ::close(pair[1]);
  }

  // How a child process ends that enters the sandbox and then does this.
  int run(const std::function<void()>& attempt, TokenModule module = TokenModule::no) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (!enter_sandbox(module).ok()) ::_exit(kSandboxFailed);
      attempt();
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  }
  bool is_killed_by(const std::function<void()>& attempt) {
    const int status = run(attempt);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
  }
  // The attempt says itself whether it worked, by not ending the process.
  bool survives(const std::function<void()>& attempt) { return run(attempt) == 0; }
};

void require(bool worked) {
  if (!worked) ::_exit(1);
}

TEST(Sandboxed, a_unix_socket_cannot_be_made) {
  assert_true(fixture.is_killed_by([] { ::socket(AF_UNIX, SOCK_STREAM, 0); }));
}

TEST(Sandboxed, an_internet_socket_cannot_be_made) {
  assert_true(fixture.is_killed_by([] { ::socket(AF_INET, SOCK_STREAM, 0); }));
}

TEST(Sandboxed, a_socketpair_cannot_be_made) {
  assert_true(fixture.is_killed_by([] {
    int fds[2];
    ::socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
  }));
}

TEST(Sandboxed, a_socket_that_is_open_cannot_be_connected) {
  assert_true(fixture.is_killed_by([&] {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ::connect(fixture.pair[0], reinterpret_cast<sockaddr*>(&address), sizeof address);
  }));
}

TEST(Sandboxed, bytes_cannot_be_sent_to_an_address) {
  assert_true(fixture.is_killed_by([&] {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ::sendto(fixture.pair[0], "x", 1, 0, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }));
}

TEST(Sandboxed, a_program_cannot_be_run) {
  assert_true(fixture.is_killed_by([] { ::execl("/bin/true", "true", nullptr); }));
}

TEST(Sandboxed, a_program_cannot_be_run_by_descriptor) {
  assert_true(fixture.is_killed_by([] {
    char* const none[] = {nullptr};
    ::syscall(SYS_execveat, 0, "/bin/true", none, none, 0);
  }));
}

TEST(Sandboxed, a_process_cannot_be_made) {
  assert_true(fixture.is_killed_by([] { (void)!::fork(); }));
}

TEST(Sandboxed, a_file_cannot_be_opened_to_write) {
  assert_true(fixture.is_killed_by([] { ::open("/dev/null", O_WRONLY); }));
}

TEST(Sandboxed, a_file_cannot_be_opened_to_read_and_write) {
  assert_true(fixture.is_killed_by([] { ::open("/dev/null", O_RDWR); }));
}

TEST(Sandboxed, a_file_cannot_be_created) {
  assert_true(fixture.is_killed_by([] { ::open("/tmp/tokman-none", O_RDONLY | O_CREAT, 0600); }));
}

TEST(Sandboxed, a_file_cannot_be_emptied) {
  assert_true(fixture.is_killed_by([] { ::open("/dev/null", O_RDONLY | O_TRUNC); }));
}

TEST(Sandboxed, a_file_cannot_be_opened_by_the_newest_call_either) {
  assert_true(fixture.is_killed_by([] {
    std::uint64_t how[3] = {O_WRONLY, 0, 0};
    ::syscall(SYS_openat2, AT_FDCWD, "/dev/null", how, sizeof how);
  }));
}

TEST(Sandboxed, a_file_cannot_be_removed) {
  assert_true(fixture.is_killed_by([] { ::unlink("/tmp/tokman-none"); }));
}

TEST(Sandboxed, executable_memory_cannot_be_had) {
  assert_true(fixture.is_killed_by(
      [] { ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }));
}

TEST(Sandboxed, memory_cannot_be_made_executable) {
  assert_true(fixture.is_killed_by([] {
    void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
  }));
}

TEST(Sandboxed, another_process_cannot_be_looked_into) {
  assert_true(fixture.is_killed_by([] { ::ptrace(PTRACE_ATTACH, ::getppid(), 0, 0); }));
}

TEST(Sandboxed, another_process_cannot_be_signalled) {
  assert_true(fixture.is_killed_by([] { ::kill(::getppid(), 0); }));
}

TEST(Sandboxed, it_cannot_be_made_dumpable_again) {
  assert_true(fixture.is_killed_by([] { ::syscall(SYS_prctl, 4 /* PR_SET_DUMPABLE */, 1); }));
}

TEST(Sandboxed, io_uring_is_no_way_round) {
  assert_true(fixture.is_killed_by([] { ::syscall(SYS_io_uring_setup, 1, nullptr); }));
}

TEST(Sandboxed, the_filter_cannot_be_replaced) {
  assert_true(fixture.is_killed_by([] { (void)enter_sandbox(); }));
}

TEST(Sandboxed, open_sockets_can_be_read_and_written) {
  assert_true(fixture.survives([&] {
    char byte = 0;
    require(::send(fixture.pair[0], "x", 1, MSG_NOSIGNAL) == 1);
    require(::recv(fixture.pair[1], &byte, 1, 0) == 1);
  }));
}

TEST(Sandboxed, files_can_be_read) {
  assert_true(fixture.survives([] {
    char byte = 0;
    const int fd = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    require(fd >= 0 && ::read(fd, &byte, 1) == 1);
  }));
}

void lock_a_file() {
  const int fd = ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  struct flock lock {};
  lock.l_type = F_RDLCK;
  require(::fcntl(fd, F_SETLKW, &lock) == 0);
}

TEST(Sandboxed, a_file_cannot_be_locked) { assert_true(fixture.is_killed_by(lock_a_file)); }

TEST(Sandboxed, a_file_can_be_locked_for_a_token) {
  assert_int_equal(fixture.run(lock_a_file, TokenModule::yes), 0);
}

TEST(Sandboxed, a_token_opens_no_other_way_out) {
  const std::function<void()> attempts[] = {[] { ::socket(AF_UNIX, SOCK_STREAM, 0); },
                                            [] { ::open("/dev/null", O_WRONLY); },
                                            [] { (void)!::fork(); }};
  for (const auto& attempt : attempts) {
    const int status = fixture.run(attempt, TokenModule::yes);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
  }
}

TEST(Sandboxed, memory_and_randomness_can_be_had) {
  assert_true(fixture.survives([] {
    char bytes[16];
    require(::getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    require(std::string(8 << 20, 'x').size() == 8 << 20);
  }));
}

TEST(Sandboxed, abort_is_still_an_abort) {
  const int status = fixture.run([] { ::abort(); });
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGABRT);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Sandboxed, a_unix_socket_cannot_be_made),
      RUN(Sandboxed, an_internet_socket_cannot_be_made),
      RUN(Sandboxed, a_socketpair_cannot_be_made),
      RUN(Sandboxed, a_socket_that_is_open_cannot_be_connected),
      RUN(Sandboxed, bytes_cannot_be_sent_to_an_address),
      RUN(Sandboxed, a_program_cannot_be_run),
      RUN(Sandboxed, a_program_cannot_be_run_by_descriptor),
      RUN(Sandboxed, a_process_cannot_be_made),
      RUN(Sandboxed, a_file_cannot_be_opened_to_write),
      RUN(Sandboxed, a_file_cannot_be_opened_to_read_and_write),
      RUN(Sandboxed, a_file_cannot_be_created),
      RUN(Sandboxed, a_file_cannot_be_emptied),
      RUN(Sandboxed, a_file_cannot_be_opened_by_the_newest_call_either),
      RUN(Sandboxed, a_file_cannot_be_removed),
      RUN(Sandboxed, executable_memory_cannot_be_had),
      RUN(Sandboxed, memory_cannot_be_made_executable),
      RUN(Sandboxed, another_process_cannot_be_looked_into),
      RUN(Sandboxed, another_process_cannot_be_signalled),
      RUN(Sandboxed, it_cannot_be_made_dumpable_again),
      RUN(Sandboxed, io_uring_is_no_way_round),
      RUN(Sandboxed, the_filter_cannot_be_replaced),
      RUN(Sandboxed, open_sockets_can_be_read_and_written),
      RUN(Sandboxed, files_can_be_read),
      RUN(Sandboxed, a_file_cannot_be_locked),
      RUN(Sandboxed, a_file_can_be_locked_for_a_token),
      RUN(Sandboxed, a_token_opens_no_other_way_out),
      RUN(Sandboxed, memory_and_randomness_can_be_had),
      RUN(Sandboxed, abort_is_still_an_abort),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
