// What the C API does in a program that forks, closes descriptors it does not own, or has none.
#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <functional>

#include "tests/support/cmocka_cpp.h"
#include "tests/unit/libtokman/session.h"

using tokman::Session;

namespace {

constexpr int kNoRightsGained = 99;

void skip_test() { _skip(__FILE__, __LINE__); }

// The descriptor of the client's socket: the one whose peer is the fake daemon's.
int socket_of(const Session& session) {
  for (int fd = 0; fd < 64; ++fd) {
    char bytes[128] = {};
    socklen_t size = sizeof bytes;
    auto* address = reinterpret_cast<sockaddr*>(bytes);
    if (getpeername(fd, address, &size) != 0 || address->sa_family != AF_UNIX) continue;
    if (session.daemon.socket() == address->sa_data) return fd;
  }
  return -1;
}

// What `body` returns in a child of this process, run to its end.
int in_child(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Session, a_child_may_not_use_its_parents_client) {
  fixture.get();
  const int mistakes = in_child([&] {
    int count = 0;
    count += tokman_client_connect(fixture.client) != TOKMAN_E_FORKED;
    count += tokman_client_set_socket(fixture.client, "x") != TOKMAN_E_FORKED;
    count += tokman_client_set_timeout_ms(fixture.client, 1) != TOKMAN_E_FORKED;
    count += fixture.get() != TOKMAN_E_FORKED;
    count += fixture.call() != TOKMAN_E_FORKED;
    return count;
  });
  assert_int_equal(mistakes, 0);
}

TEST(Session, a_child_may_free_and_the_parent_does_not_notice) {
  fixture.get();
  in_child([&] {
    tokman_token_free(fixture.token);
    tokman_client_free(fixture.client);
    return 0;
  });
  assert_string_equal(tokman_token_secret(fixture.token), tokman::kToken);
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.connections(), 1);
}

TEST(Session, a_child_may_make_a_client_of_its_own) {
  const int code = in_child([&] {
    tokman_client* client = nullptr;
    tokman_token* token = nullptr;
    tokman_client_new(&client);
    tokman_client_set_socket(client, fixture.daemon.socket().c_str());
    return -tokman_get(&token, client, "octo-org");
  });
  assert_int_equal(code, 0);
}

TEST(Session, the_socket_is_closed_on_exec_and_does_not_block) {
  fixture.get();
  const int fd = socket_of(fixture);
  assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
}

TEST(Session, the_socket_is_never_a_standard_stream) {
  const int code = in_child([&] {
    for (int fd = 0; fd <= 2; ++fd) close(fd);
    tokman_client* client = nullptr;
    tokman_client_new(&client);
    tokman_client_set_socket(client, fixture.daemon.socket().c_str());
    if (tokman_client_connect(client) != 0) return 1;
    return socket_of(fixture) > 2 && fcntl(0, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0 ? 0 : 2;
  });
  assert_int_equal(code, 0);
}

TEST(Session, a_program_that_closes_our_socket_is_survived) {
  fixture.get();
  close(socket_of(fixture));
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.connections(), 2);
}

TEST(Session, a_descriptor_that_took_our_number_is_neither_used_nor_closed) {
  fixture.get();
  int pair[2];
  assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
  const int number = socket_of(fixture);
  dup2(pair[0], number);
  close(pair[0]);
  assert_int_equal(fixture.get(), 0);
  char byte;
  assert_int_equal(recv(pair[1], &byte, 1, 0), -1);
  assert_int_equal(errno, EAGAIN);
  close(pair[1]);
  close(number);
}

TEST(Session, freeing_a_client_does_not_close_what_took_its_number) {
  fixture.get();
  const int number = socket_of(fixture);
  const int other = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(other, number);
  close(other);
  tokman_client_free(fixture.client);
  fixture.client = nullptr;
  assert_true(fcntl(number, F_GETFD) >= 0);
  close(number);
}

TEST(Session, a_broken_connection_raises_no_signal) {
  const int code = in_child([&] {
    std::signal(SIGPIPE, SIG_DFL);
    tokman_client* client = nullptr;
    tokman_client_new(&client);
    tokman_client_set_socket(client, fixture.daemon.socket().c_str());
    tokman_client_connect(client);
    shutdown(socket_of(fixture), SHUT_RDWR);
    tokman_token* token = nullptr;
    return -tokman_get(&token, client, "octo-org");
  });
  assert_int_equal(code, 0);
}

TEST(Session, a_process_that_changes_its_user_connects_anew) {
  if (geteuid() != 0) return skip_test();
  chmod(fixture.daemon.socket().c_str(), 0777);
  const std::string folder = fixture.daemon.socket().substr(0, fixture.daemon.socket().rfind('/'));
  chmod(folder.c_str(), 0755);
  fixture.get();
  assert_int_equal(seteuid(65534), 0);
  const int code = fixture.get();
  assert_int_equal(seteuid(0), 0);
  assert_int_equal(code, 0);
  assert_int_equal(fixture.daemon.connections(), 2);
}

TEST(Session, the_environment_is_not_listened_to_by_programs_that_gain_rights) {
  // A set-user-ID copy of this program, run by another user, says which socket it would use.
  if (geteuid() != 0) return skip_test();
  char folder[] = "/tmp/tokman-XXXXXX";
  assert_non_null(mkdtemp(folder));
  chmod(folder, 0755);
  const std::string copy = std::string(folder) + "/copy";
  assert_int_equal(std::system(("cp /proc/" + std::to_string(getpid()) + "/exe " + copy).c_str()),
                   0);
  chmod(copy.c_str(), 04755);
  const int code = in_child([&] {
    setenv("TOKMAN_SOCKET", fixture.daemon.socket().c_str(), 1);
    if (setresuid(65534, 65534, 65534) != 0) return 3;
    execl(copy.c_str(), "copy", "try", nullptr);
    return 4;
  });
  unlink(copy.c_str());
  rmdir(folder);
  if (code == kNoRightsGained) return skip_test();
  assert_int_equal(code, -TOKMAN_E_DAEMON_UNREACHABLE);
  assert_int_equal(fixture.daemon.connections(), 0);
}

int try_default_socket() {
  if (getauxval(AT_SECURE) == 0) return kNoRightsGained;
  tokman_client* client = nullptr;
  tokman_client_new(&client);
  tokman_client_set_timeout_ms(client, 1);
  const int code = tokman_client_connect(client);
  tokman_client_free(client);
  return -code;
}

}  // namespace

int main(int count, char**) {
  if (count > 1) return try_default_socket();
  const CMUnitTest tests[] = {
      RUN(Session, a_child_may_not_use_its_parents_client),
      RUN(Session, a_child_may_free_and_the_parent_does_not_notice),
      RUN(Session, a_child_may_make_a_client_of_its_own),
      RUN(Session, the_socket_is_closed_on_exec_and_does_not_block),
      RUN(Session, the_socket_is_never_a_standard_stream),
      RUN(Session, a_program_that_closes_our_socket_is_survived),
      RUN(Session, a_descriptor_that_took_our_number_is_neither_used_nor_closed),
      RUN(Session, freeing_a_client_does_not_close_what_took_its_number),
      RUN(Session, a_broken_connection_raises_no_signal),
      RUN(Session, a_process_that_changes_its_user_connects_anew),
      RUN(Session, the_environment_is_not_listened_to_by_programs_that_gain_rights),
  };
  return cmocka_run_group_tests_name("in a strange process", tests, nullptr, nullptr);
}
