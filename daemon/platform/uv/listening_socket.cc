#include "daemon/platform/uv/listening_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "daemon/base/system_error.h"

namespace tokman {
namespace {

constexpr std::string_view kUnfinished = ".new";
constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1 - kUnfinished.size();

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

int call_with_address(int (*call)(int, const sockaddr*, socklen_t), int fd,
                      const std::string& path) {
  const sockaddr_un address = address_of(path);
  return call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

Error in_use() { return {TOKMAN_E_CONFIGURATION, "another daemon is using it"}; }

Result<Fd> take_lock(const std::string& path) {
  Fd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!lock.valid()) return system_error("opening " + path, errno);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return in_use();
  return system_error("locking " + path, errno);
}

Result<Fd> open_socket() {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return system_error("making a socket", errno);
  return fd;
}

// Nothing may be there, or a socket on which nobody listens any more.
Result<Done> require_replaceable(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return Done{};
    return system_error("looking at it", errno);
  }
  if (!S_ISSOCK(found.st_mode)) {
    return Error{TOKMAN_E_CONFIGURATION, "something that is not a socket is there"};
  }
  Result<Fd> caller = open_socket();
  if (!caller.ok()) return std::move(caller).error();
  if (call_with_address(::connect, caller.value().get(), path) == 0) return in_use();
  if (errno == ECONNREFUSED || errno == ENOENT) return Done{};
  if (errno == EAGAIN) return in_use();  // Its queue is full.
  return system_error("asking whether it is in use", errno);
}

// Gives the socket at `path` what only its maker may use until it is renamed.
Result<Done> bind_with_mode(int fd, const std::string& path,
                            const ListeningSocketOptions& options) {
  // On Linux the file that bind() makes takes over the mode of the socket.
  if (::fchmod(fd, 0) != 0) return system_error("closing it to others", errno);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return system_error("removing " + path, errno);
  }
  if (call_with_address(::bind, fd, path) != 0) return system_error("binding", errno);
  if (options.group && ::lchown(path.c_str(), static_cast<uid_t>(-1), *options.group) != 0) {
    return system_error("giving it to its group", errno);
  }
  if (::chmod(path.c_str(), options.mode) != 0) return system_error("setting its mode", errno);
  if (::listen(fd, SOMAXCONN) != 0) return system_error("listening", errno);
  return Done{};
}

}  // namespace

Result<ListeningSocket> ListeningSocket::make(const ListeningSocketOptions& options) {
  Result<ListeningSocket> made = make_unnamed(options);
  if (made.ok()) return made;
  return within("socket " + options.path, std::move(made).error());
}

Result<ListeningSocket> ListeningSocket::make_unnamed(const ListeningSocketOptions& options) {
  if (options.path.empty() || options.path.size() > kPathBytesMax) {
    return Error{TOKMAN_E_CONFIGURATION,
                 "the path must have 1 to " + std::to_string(kPathBytesMax) + " bytes"};
  }
  Result<Fd> lock = take_lock(options.path + ".lock");
  if (!lock.ok()) return std::move(lock).error();
  Result<Done> replaceable = require_replaceable(options.path);
  if (!replaceable.ok()) return std::move(replaceable).error();
  Result<Fd> fd = open_socket();
  if (!fd.ok()) return std::move(fd).error();

  const std::string unfinished = options.path + std::string(kUnfinished);
  Result<Done> bound = bind_with_mode(fd.value().get(), unfinished, options);
  struct stat own {};
  if (bound.ok() && (::lstat(unfinished.c_str(), &own) != 0 ||
                     ::rename(unfinished.c_str(), options.path.c_str()) != 0)) {
    bound = system_error("putting it in place", errno);
  }
  if (!bound.ok()) {
    ::unlink(unfinished.c_str());
    return std::move(bound).error();
  }

  ListeningSocket socket;
  socket.fd_ = std::move(fd).value();
  socket.lock_ = std::move(lock).value();
  socket.path_ = options.path;
  socket.device_ = own.st_dev;
  socket.inode_ = own.st_ino;
  return socket;
}

Result<ListeningSocket> ListeningSocket::inherit(Fd fd) {
  int listening = 0;
  socklen_t size = sizeof listening;
  sockaddr_storage address{};
  socklen_t address_size = sizeof address;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &address_size) != 0) {
    return system_error("inherited socket", errno);
  }
  if (listening == 0 || address.ss_family != AF_UNIX) {
    return Error{TOKMAN_E_CONFIGURATION, "inherited socket: not a listening Unix socket"};
  }
  ListeningSocket socket;
  socket.fd_ = std::move(fd);
  return socket;
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
    : fd_(std::move(other.fd_)),
      lock_(std::move(other.lock_)),
      path_(std::exchange(other.path_, {})),
      device_(other.device_),
      inode_(other.inode_) {}

ListeningSocket::~ListeningSocket() {
  struct stat found {};
  if (path_.empty() || ::lstat(path_.c_str(), &found) != 0) return;
  if (found.st_dev == device_ && found.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace tokman
