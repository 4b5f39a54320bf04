#include "libtokman/client/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "libtokman/base/descriptor_message.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/protocol/limits.h"

namespace tokman {
namespace {

constexpr std::size_t kBufferBytes = 16 * 1024;
const Fd kNoDescriptor;

// 0, 1 and 2 are standard streams, also for a program that closed them.
Fd above_standard_streams(Fd fd) {
  if (!fd.valid() || fd.get() > STDERR_FILENO) return fd;
  return Fd(fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

bool is_passing(int fault) { return fault == EAGAIN || fault == EINTR; }

}  // namespace

int Connection::open(const std::string& path) {
  close();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.data(), path.size());
  Fd fd =
      above_standard_streams(Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)));
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) return errno;
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return errno;
  }
  if (!buffer_) buffer_.emplace(kBufferBytes);
  fd_ = std::move(fd);
  inode_ = status.st_ino;
  user_ = geteuid();
  return 0;
}

bool Connection::is_usable() const { return fd_.valid() && is_ours() && geteuid() == user_; }

void Connection::close() {
  wipe_reply();
  if (fd_.valid() && !is_ours()) (void)fd_.release();
  fd_.reset();
}

Outcome Connection::exchange(std::string_view frame, const Fd& descriptor, Deadline deadline) {
  wipe_reply();
  if (const auto failure = send(frame, descriptor, deadline)) return *failure;
  return receive(deadline);
}

std::string_view Connection::reply() const {
  return received_ == 0 ? std::string_view() : std::string_view(buffer_->data(), received_ - 1);
}

void Connection::wipe_reply() {
  if (received_ == 0) return;
  if (buffer_->size() == kBufferBytes) {
    wipe_memory(buffer_->data(), received_);
  } else {
    buffer_.emplace(kBufferBytes);  // A large reply is rare; its memory goes back.
  }
  received_ = 0;
}

bool Connection::is_ours() const {
  struct stat status {};
  return fstat(fd_.get(), &status) == 0 && S_ISSOCK(status.st_mode) && status.st_ino == inode_;
}

std::optional<Outcome> Connection::send(std::string_view frame, const Fd& descriptor,
                                        Deadline deadline) {
  has_sent_any_ = false;
  while (!frame.empty()) {
    const ssize_t sent =
        send_with_descriptor(fd_.get(), frame, has_sent_any_ ? kNoDescriptor : descriptor);
    if (sent >= 0) {
      has_sent_any_ = true;
      frame.remove_prefix(static_cast<std::size_t>(sent));
    } else if (!is_passing(errno)) {
      return Outcome::broken;
    } else if (const auto failure = wait_for(POLLOUT, deadline)) {
      return failure;
    }
  }
  return std::nullopt;
}

Outcome Connection::receive(Deadline deadline) {
  for (;;) {
    if (const auto failure = wait_for(POLLIN, deadline)) return *failure;
    if (!make_room()) return Outcome::malformed;
    char* const end = buffer_->data() + received_;
    const ssize_t count = ::recv(fd_.get(), end, buffer_->size() - received_, 0);
    if (count == 0 || (count < 0 && !is_passing(errno))) return Outcome::broken;
    if (count < 0) continue;
    received_ += static_cast<std::size_t>(count);
    const void* const nul = std::memchr(end, '\0', static_cast<std::size_t>(count));
    if (nul == nullptr) continue;
    return nul == buffer_->data() + received_ - 1 ? Outcome::replied : Outcome::malformed;
  }
}

// None once the socket is ready, or has an error that the next call on it will tell.
std::optional<Outcome> Connection::wait_for(short events, Deadline deadline) const {
  pollfd waiting{fd_.get(), events, 0};
  for (;;) {
    const int count = ::poll(&waiting, 1, deadline.remaining_ms());
    if (count > 0) return std::nullopt;
    if (count == 0) return Outcome::timed_out;
    if (!is_passing(errno)) return Outcome::broken;
  }
}

bool Connection::make_room() {
  if (received_ < buffer_->size()) return true;
  if (received_ >= kReplyBytesMax) return false;
  buffer_->grow(buffer_->size() * 4);
  return true;
}

}  // namespace tokman
