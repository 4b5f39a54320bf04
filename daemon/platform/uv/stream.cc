#include "daemon/platform/uv/stream.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "daemon/base/system_error.h"
#include "libtokman/base/descriptor_message.h"

namespace tokman {

Stream::Stream(Loop& loop, Fd fd, Events& events, std::size_t queue_bytes_max)
    : loop_(loop),
      events_(events),
      queue_bytes_max_(queue_bytes_max),
      fd_(std::move(fd)),
      watch_(loop, fd_.get(), *this) {
  update_interest();
}

void Stream::write(std::string_view bytes) {
  const std::size_t sent = queue_.empty() ? send_now(bytes) : 0;
  if (sent < bytes.size()) enqueue({SecretBytes(bytes.substr(sent))});
}

void Stream::write(SecretBytes bytes) {
  const std::size_t sent = queue_.empty() ? send_now(bytes.reveal()) : 0;
  if (sent < bytes.size()) enqueue({std::move(bytes), sent});
}

void Stream::write(std::string_view bytes, Fd descriptor) {
  const std::size_t sent = queue_.empty() ? send_now(bytes, descriptor) : 0;
  if (sent == bytes.size()) return;
  if (sent > 0) descriptor.reset();
  enqueue({SecretBytes(bytes.substr(sent)), 0, std::move(descriptor)});
}

void Stream::pause_reading() {
  if (paused_) return;
  paused_ = true;
  update_interest();
}

void Stream::resume_reading() {
  if (!paused_) return;  // Each change of interest costs a system call.
  paused_ = false;
  update_interest();
}

// One thing for each event, because each may end with this object's destruction. What is left to
// do is told again in the next turn.
void Stream::on_ready(Readiness ready) {
  if (ready.failed) {
    if (paused_ || ended_) return fail_later(system_error("connection", ECONNRESET));
    update_interest();  // What the peer sent before it broke off is still read.
  }
  if (ready.write) return flush();
  receive();
}

void Stream::receive() {
  const std::span<char> buffer = loop_.read_buffer();
  const ssize_t size = receive_message(buffer);
  if (size > 0) {
    events_.on_data({buffer.data(), static_cast<std::size_t>(size)});
    return wipe_memory(buffer.data(), static_cast<std::size_t>(size));  // *this may be gone.
  }
  if (size == 0) {
    ended_ = true;
    update_interest();
    return events_.on_end();
  }
  if (errno != EAGAIN && errno != EINTR) fail_later(system_error("reading", errno));
}

// As recv() does, and keeps a descriptor that comes along. The kernel ends what it gives at once
// with the bytes that a descriptor was sent with.
ssize_t Stream::receive_message(std::span<char> buffer) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control;
  iovec bytes{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = CMSG_LEN(sizeof(int));  // Room for one; the kernel closes others.
  descriptor_.reset();
  const ssize_t size = ::recvmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0) return size;
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    int fd;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    descriptor_.reset(fd);
  }
  if ((message.msg_flags & MSG_CTRUNC) == 0) return size;
  wipe_memory(buffer.data(), static_cast<std::size_t>(size));
  errno = ETOOMANYREFS;
  return -1;
}

void Stream::flush() {
  while (!queue_.empty()) {
    Piece& first = queue_.front();
    const std::string_view rest = first.bytes.reveal().substr(first.sent);
    const std::size_t sent = send_now(rest, first.descriptor);
    if (failure_) return;
    if (sent > 0) first.descriptor.reset();
    first.sent += sent;
    queued_bytes_ -= sent;
    if (sent < rest.size()) return;
    queue_.pop_front();
  }
  update_interest();
  events_.on_drained();
}

// How much was sent; failing counts as nothing sent.
std::size_t Stream::send_now(std::string_view bytes, const Fd& descriptor) {
  if (failure_) return 0;
  const ssize_t sent = send_with_descriptor(fd_.get(), bytes, descriptor, MSG_DONTWAIT);
  if (sent >= 0) {
    sent_bytes_ += static_cast<std::uint64_t>(sent);
    return static_cast<std::size_t>(sent);
  }
  if (errno != EAGAIN && errno != EINTR) fail_later(system_error("writing", errno));
  return 0;
}

void Stream::enqueue(Piece piece) {
  if (failure_) return;
  queued_bytes_ += piece.bytes.size() - piece.sent;
  queue_.push_back(std::move(piece));
  if (queued_bytes_ > queue_bytes_max_) {
    return fail_later({TOKMAN_E_BUSY, "the peer does not read its answers"});
  }
  if (queue_.size() == 1) update_interest();
}

void Stream::update_interest() {
  const bool broken = failure_ != nullptr;
  watch_.set({.read = !broken && !paused_ && !ended_, .write = !broken && !queue_.empty()});
}

void Stream::fail_later(Error error) {
  if (failure_) return;
  failure_ = loop_.at(loop_.now(), [this, error = std::move(error)] { events_.on_error(error); });
  queue_.clear();
  queued_bytes_ = 0;
  update_interest();
}

}  // namespace tokman
