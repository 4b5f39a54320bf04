#include "daemon/platform/linux/peer.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>

#include "daemon/base/system_error.h"
#include "daemon/platform/linux/cgroup.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77  // Linux 6.5; newer than Debian 12's headers.
#endif

namespace tokman {
namespace {

Result<Done> read_credentials(int connection, Peer& peer) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return system_error("asking for the peer's user");
  }
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.pid = credentials.pid;
  return Done{};
}

Result<Done> read_groups(int connection, Peer& peer) {
  std::vector<gid_t> groups(32);
  for (;;) {
    auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    const int status = ::getsockopt(connection, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size);
    groups.resize(size / sizeof(gid_t));  // How many there are, also when they did not fit.
    if (status == 0) break;
    if (errno != ERANGE) return system_error("asking for the peer's groups");
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  peer.groups = std::move(groups);
  return Done{};
}

bool is_alive(const Fd& pidfd) {
  pollfd ended{pidfd.get(), POLLIN, 0};
  return pidfd.valid() && ::poll(&ended, 1, 0) == 0;
}

std::string proc_path(const Peer& peer, const char* file = "") {
  return "/proc/" + std::to_string(peer.pid) + file;
}

// False if the kernel is too old to know; a peer that is gone leaves the pidfd invalid.
bool read_pidfd_of_connection(int connection, Peer& peer) {
  int fd = -1;
  socklen_t size = sizeof fd;
  if (::getsockopt(connection, SOL_SOCKET, SO_PEERPIDFD, &fd, &size) != 0) {
    return errno != ENOPROTOOPT;
  }
  peer.pidfd.reset(fd);
  peer.is_vouched = true;
  return true;
}

// While a pidfd shows life, its number has no other owner: so asking that last makes every answer
// about /proc/<pid> before it one about this process, and a start time need not be compared.
void open_pidfd_by_number(Peer& peer) {
  if (peer.pid <= 0) return;
  Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, peer.pid, 0)));
  struct stat owner {};
  if (::stat(proc_path(peer).c_str(), &owner) != 0) return;
  // Root owns what may not be traced, such as a set-user-id program.
  const bool is_the_peers = owner.st_uid == peer.uid && owner.st_gid == peer.gid;
  const bool is_untraceable = owner.st_uid == 0 && owner.st_gid == 0;
  if ((is_the_peers || is_untraceable) && is_alive(pidfd)) peer.pidfd = std::move(pidfd);
}

std::optional<std::string> read_unit(const Peer& peer) {
  const Fd file(::open(proc_path(peer, "/cgroup").c_str(), O_RDONLY | O_CLOEXEC));
  char text[PATH_MAX + 64];
  const ssize_t size = ::read(file.get(), text, sizeof text);
  if (size <= 0) return std::nullopt;
  return unit_of_cgroup({text, static_cast<std::size_t>(size)});
}

std::optional<std::string> read_program(const Peer& peer) {
  const std::string link = proc_path(peer, "/exe");
  char text[PATH_MAX];
  const ssize_t size = ::readlink(link.c_str(), text, sizeof text);
  if (size <= 0 || text[0] != '/') return std::nullopt;
  std::string path(text, static_cast<std::size_t>(size));
  // The name is the peer's view of its file system, where it may have mounted what it liked.
  struct stat running {};
  struct stat named {};
  if (::stat(link.c_str(), &running) != 0 || ::stat(path.c_str(), &named) != 0) {
    return std::nullopt;
  }
  if (running.st_dev != named.st_dev || running.st_ino != named.st_ino) return std::nullopt;
  return path;
}

}  // namespace

Result<Peer> read_peer(int connection, PidfdFrom from) {
  Peer peer;
  if (Result<Done> read = read_credentials(connection, peer); !read.ok()) return read.error();
  if (Result<Done> read = read_groups(connection, peer); !read.ok()) return read.error();
  if (from == PidfdFrom::nowhere) return peer;
  if (from == PidfdFrom::connection && read_pidfd_of_connection(connection, peer)) return peer;
  open_pidfd_by_number(peer);
  return peer;
}

ProcessFacts read_process_facts(const Peer& peer) {
  if (peer.pid <= 0 || !peer.pidfd.valid()) return {};
  ProcessFacts facts{read_unit(peer), read_program(peer)};
  if (!is_alive(peer.pidfd)) return {};
  return facts;
}

}  // namespace tokman
