#include "daemon/signer/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "daemon/platform/linux/code_pages.h"
#include "daemon/platform/linux/peer.h"

namespace tokman {
namespace {

constexpr int kForever = -1;
constexpr int kRestAfterMs = 100;

}  // namespace

void Server::add_connection(Fd fd) {
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  connections_.emplace_back(std::move(fd));
}

void Server::listen(int fd, std::vector<uid_t> permitted_uids) {
  ::fcntl(fd, F_SETFL, O_NONBLOCK);
  listener_ = fd;
  permitted_uids_ = std::move(permitted_uids);
}

void Server::run() {
  release_code_pages();
  bool is_resting = true;
  while (listener_ >= 0 || !connections_.empty()) {
    const std::vector<pollfd> polled = wait(is_resting ? kForever : kRestAfterMs);
    is_resting = std::none_of(polled.begin(), polled.end(),
                              [](const pollfd& entry) { return entry.revents != 0; });
    if (is_resting) release_code_pages();
    auto ready = polled.begin();
    for (Connection& connection : connections_) {
      if ((ready++)->revents != 0) on_ready(connection);
    }
    std::erase_if(connections_, [](const Connection& connection) { return connection.ended; });
    if (polled.back().revents != 0) accept_one();
  }
}

// The connections in their order, then the listener; poll() passes over a negative descriptor.
std::vector<pollfd> Server::wait(int timeout_ms) {
  std::vector<pollfd> polled;
  for (const Connection& connection : connections_) {
    const short events = connection.answers.empty() ? POLLIN : POLLOUT;
    polled.push_back({connection.fd.get(), events, 0});
  }
  polled.push_back({connections_.size() < kConnectionsMax ? listener_ : -1, POLLIN, 0});
  if (::poll(polled.data(), polled.size(), timeout_ms) < 0) {
    for (pollfd& entry : polled) entry.revents = 0;  // A signal: look again.
  }
  return polled;
}

void Server::accept_one() {
  Fd fd(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (fd.valid() && is_permitted(fd.get())) connections_.emplace_back(std::move(fd));
}

bool Server::is_permitted(int connection) {
  const Result<Peer> peer = read_peer(connection, PidfdFrom::nowhere);
  if (!peer.ok()) {
    log_.warning("peer unknown", {{"error", peer.error().message}});
    return false;
  }
  if (std::find(permitted_uids_.begin(), permitted_uids_.end(), peer.value().uid) !=
      permitted_uids_.end()) {
    return true;
  }
  log_.warning("peer refused", {{"uid", peer.value().uid}, {"pid", peer.value().pid}});
  return false;
}

void Server::on_ready(Connection& connection) {
  if (connection.answers.empty()) receive(connection);
  if (!connection.ended) send_answers(connection);
}

void Server::receive(Connection& connection) {
  char buffer[kRequestBytesMax];
  const ssize_t count = receive_bytes(connection, buffer);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    connection.ended = true;
    return;
  }
  connection.reader.feed({buffer, static_cast<std::size_t>(count)});
  answer_all(connection);
}

// Descriptors for which there is no room end the connection, as if it had ended by itself.
ssize_t Server::receive_bytes(Connection& connection, std::span<char> buffer) {
  iovec bytes{buffer.data(), buffer.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];  // Its padding has room for a second one.
  msghdr message{};
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_LEN(sizeof(int));
  const ssize_t count = ::recvmsg(connection.fd.get(), &message, MSG_CMSG_CLOEXEC);
  if (count < 0) return count;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_type == SCM_RIGHTS) {
    int received = -1;
    std::memcpy(&received, CMSG_DATA(header), sizeof received);
    connection.descriptors.emplace_back(received);
  }
  const bool fits = connection.descriptors.size() <= kDescriptorsMax;
  return fits && (message.msg_flags & MSG_CTRUNC) == 0 ? count : 0;
}

void Server::answer_all(Connection& connection) {
  for (;;) {
    const Result<std::optional<std::string_view>> frame = connection.reader.next_frame();
    if (frame.ok() && !frame.value()) break;
    Result<SecretBytes> answer = frame.ok()
                                     ? service_.answer(*frame.value(), connection.descriptors)
                                     : Result<SecretBytes>(frame.error());
    if (!answer.ok()) {
      log_.warning("connection dropped", {{"error", answer.error().message}});
      connection.ended = true;
      return;
    }
    if (!answer.value().empty()) connection.answers.push_back(std::move(answer).value());
  }
  connection.reader.keep_rest();
}

void Server::send_answers(Connection& connection) {
  while (!connection.answers.empty()) {
    const std::string_view rest = connection.answers.front().reveal().substr(connection.sent);
    const ssize_t count = ::send(connection.fd.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0) {
      connection.ended = errno != EAGAIN && errno != EINTR;
      return;
    }
    connection.sent += static_cast<std::size_t>(count);
    if (connection.sent < connection.answers.front().size()) continue;
    connection.answers.pop_front();
    connection.sent = 0;
  }
}

}  // namespace tokman
