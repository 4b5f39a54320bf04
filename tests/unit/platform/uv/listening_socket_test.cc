#include "daemon/platform/uv/listening_socket.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

// An empty folder, and what other programs may have done in it.
struct RuntimeFolder {
  RuntimeFolder() {
    char name[] = "/tmp/tokman-listen-XXXXXX";
    folder = mkdtemp(name);
    path = folder + "/tokman.sock";
  }
  ~RuntimeFolder() {
    sockets.clear();
    std::filesystem::remove_all(folder);
  }

  // "" if it was made; it is then kept in `sockets`.
  std::string make(ListeningSocketOptions options) {
    Result<ListeningSocket> made = ListeningSocket::make(options);
    if (!made.ok()) return made.error().message;
    sockets.push_back(std::move(made).value());
    return "";
  }
  std::string make() { return make({.path = path}); }

  Fd someone_elses_socket(int type = SOCK_STREAM) {
    Fd fd(socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_un address = address_of(path);
    assert_int_equal(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
                     0);
    return fd;
  }
  Fd caller() {
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_un address = address_of(path);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
      return fd;
    }
    return Fd();
  }
  struct stat status() {
    struct stat found {};
    lstat(path.c_str(), &found);
    return found;
  }
  bool exists(const std::string& name) { return std::filesystem::exists(folder + "/" + name); }

  std::string folder;
  std::string path;
  std::vector<ListeningSocket> sockets;
};

void assert_contains(const std::string& text, const char* part) {
  const bool contains = text.find(part) != std::string::npos;
  if (!contains) print_error("\"%s\" lacks \"%s\"\n", text.c_str(), part);
  assert_true(contains);
}

TEST(RuntimeFolder, a_new_socket_can_be_connected_to) {
  assert_string_equal(fixture.make().c_str(), "");
  assert_true(fixture.caller().valid());
}

TEST(RuntimeFolder, the_socket_has_the_mode_asked_for_whatever_the_umask) {
  const mode_t before = umask(0777);
  const std::string error = fixture.make({.path = fixture.path, .mode = 0620});
  umask(before);
  assert_string_equal(error.c_str(), "");
  assert_int_equal(fixture.status().st_mode & 07777, 0620);
}

TEST(RuntimeFolder, the_socket_has_the_group_asked_for) {
  const gid_t group = geteuid() == 0 ? 4242 : getegid();
  assert_string_equal(fixture.make({.path = fixture.path, .group = group}).c_str(), "");
  assert_int_equal(fixture.status().st_gid, group);
}

TEST(RuntimeFolder, the_socket_appears_at_its_path_finished) {
  const Fd watch(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  inotify_add_watch(watch.get(), fixture.folder.c_str(), IN_CREATE | IN_MOVED_TO | IN_ATTRIB);
  fixture.make();

  std::vector<std::uint32_t> seen_at_path;
  alignas(inotify_event) char events[4096];
  const ssize_t size = read(watch.get(), events, sizeof events);
  for (ssize_t at = 0; at < size;) {
    const auto* event = reinterpret_cast<const inotify_event*>(events + at);
    if (event->name == std::string("tokman.sock")) seen_at_path.push_back(event->mask);
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
  }
  assert_int_equal(seen_at_path.size(), 1);
  assert_int_equal(seen_at_path[0], IN_MOVED_TO);
}

TEST(RuntimeFolder, a_stale_socket_is_replaced) {
  fixture.someone_elses_socket().reset();
  assert_string_equal(fixture.make().c_str(), "");
  assert_true(fixture.caller().valid());
}

TEST(RuntimeFolder, what_a_killed_daemon_left_behind_is_replaced) {
  std::ofstream(fixture.path + ".lock");
  std::ofstream(fixture.path + ".new");
  assert_string_equal(fixture.make().c_str(), "");
  assert_false(fixture.exists("tokman.sock.new"));
}

TEST(RuntimeFolder, a_live_daemons_socket_is_left_alone) {
  const Fd live = fixture.someone_elses_socket();
  listen(live.get(), 8);
  assert_contains(fixture.make(), "another daemon is using it");
  assert_true(fixture.caller().valid());
}

TEST(RuntimeFolder, a_daemon_with_a_full_queue_is_alive) {
  const Fd live = fixture.someone_elses_socket();
  listen(live.get(), 0);
  const Fd waiting = fixture.caller();
  assert_contains(fixture.make(), "another daemon is using it");
}

TEST(RuntimeFolder, a_live_socket_of_another_type_is_left_alone) {
  const Fd live = fixture.someone_elses_socket(SOCK_DGRAM);
  assert_contains(fixture.make(), "asking whether it is in use");
  assert_true(S_ISSOCK(fixture.status().st_mode));
}

TEST(RuntimeFolder, of_two_daemons_that_start_only_one_wins) {
  assert_string_equal(fixture.make().c_str(), "");
  unlink(fixture.path.c_str());  // The lock alone must keep the second one out.
  assert_contains(fixture.make(), "another daemon is using it");
}

TEST(RuntimeFolder, a_daemon_may_follow_another) {
  assert_string_equal(fixture.make().c_str(), "");
  fixture.sockets.clear();
  assert_string_equal(fixture.make().c_str(), "");
}

TEST(RuntimeFolder, something_that_is_no_socket_is_left_alone) {
  std::ofstream(fixture.path) << "precious";
  assert_contains(fixture.make(), "not a socket");
  assert_true(S_ISREG(fixture.status().st_mode));
}

TEST(RuntimeFolder, a_path_that_is_too_long_is_an_error_that_names_the_limit) {
  assert_contains(fixture.make({.path = fixture.folder + "/" + std::string(100, 'x')}), "103");
}

TEST(RuntimeFolder, the_longest_path_can_be_connected_to) {
  fixture.path = fixture.folder + "/" + std::string(103 - fixture.folder.size() - 1, 'x');
  assert_string_equal(fixture.make().c_str(), "");
  assert_true(fixture.caller().valid());
}

TEST(RuntimeFolder, an_error_names_the_path_and_the_reason) {
  fixture.path = fixture.folder + "/missing/tokman.sock";
  const std::string error = fixture.make();
  assert_contains(error, fixture.path.c_str());
  assert_contains(error, "No such file or directory");
}

TEST(RuntimeFolder, the_socket_goes_with_its_owner) {
  fixture.make();
  fixture.sockets.clear();
  assert_false(fixture.exists("tokman.sock"));
}

TEST(RuntimeFolder, a_socket_that_took_the_place_of_ours_is_not_removed) {
  fixture.make();
  unlink(fixture.path.c_str());
  const Fd other = fixture.someone_elses_socket();
  fixture.sockets.clear();
  assert_true(fixture.exists("tokman.sock"));
}

TEST(RuntimeFolder, an_inherited_socket_is_used_and_its_path_left) {
  Fd inherited = fixture.someone_elses_socket();
  listen(inherited.get(), 8);
  assert_true(ListeningSocket::inherit(std::move(inherited)).ok());
  assert_true(fixture.exists("tokman.sock"));
}

TEST(RuntimeFolder, an_inherited_socket_that_does_not_listen_is_refused) {
  assert_false(ListeningSocket::inherit(fixture.someone_elses_socket()).ok());
}

TEST(RuntimeFolder, an_inherited_file_is_refused) {
  assert_false(ListeningSocket::inherit(Fd(open("/dev/null", O_RDONLY | O_CLOEXEC))).ok());
}

TEST(RuntimeFolder, an_inherited_tcp_socket_is_refused) {
  Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  listen(fd.get(), 1);
  assert_false(ListeningSocket::inherit(std::move(fd)).ok());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(RuntimeFolder, a_new_socket_can_be_connected_to),
      RUN(RuntimeFolder, the_socket_has_the_mode_asked_for_whatever_the_umask),
      RUN(RuntimeFolder, the_socket_has_the_group_asked_for),
      RUN(RuntimeFolder, the_socket_appears_at_its_path_finished),
      RUN(RuntimeFolder, a_stale_socket_is_replaced),
      RUN(RuntimeFolder, what_a_killed_daemon_left_behind_is_replaced),
      RUN(RuntimeFolder, a_live_daemons_socket_is_left_alone),
      RUN(RuntimeFolder, a_daemon_with_a_full_queue_is_alive),
      RUN(RuntimeFolder, a_live_socket_of_another_type_is_left_alone),
      RUN(RuntimeFolder, of_two_daemons_that_start_only_one_wins),
      RUN(RuntimeFolder, a_daemon_may_follow_another),
      RUN(RuntimeFolder, something_that_is_no_socket_is_left_alone),
      RUN(RuntimeFolder, a_path_that_is_too_long_is_an_error_that_names_the_limit),
      RUN(RuntimeFolder, the_longest_path_can_be_connected_to),
      RUN(RuntimeFolder, an_error_names_the_path_and_the_reason),
      RUN(RuntimeFolder, the_socket_goes_with_its_owner),
      RUN(RuntimeFolder, a_socket_that_took_the_place_of_ours_is_not_removed),
      RUN(RuntimeFolder, an_inherited_socket_is_used_and_its_path_left),
      RUN(RuntimeFolder, an_inherited_socket_that_does_not_listen_is_refused),
      RUN(RuntimeFolder, an_inherited_file_is_refused),
      RUN(RuntimeFolder, an_inherited_tcp_socket_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
