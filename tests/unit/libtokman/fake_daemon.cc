#include "tests/unit/libtokman/fake_daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <utility>

namespace tokman {
namespace {

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0) return;  // The client has gone, which some tests want.
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

std::string token_reply(std::string_view token) {
  return R"({"parameters":{"token":")" + std::string(token) +
         R"(","expires_at":1700003600,"minted_at":1700000000,"fingerprint":"ZmluZ2Vy","app":"ci",)"
         R"("installation_id":4242,"permissions":{"contents":"read"},)"
         R"("repositories":["hello-world"],"source":"cache"}})" +
         '\0';
}

std::string error_reply(std::string_view name, std::string_view parameters) {
  return R"({"error":"io.tokman.)" + std::string(name) + R"(","parameters":)" +
         std::string(parameters) + "}" + '\0';
}

FakeDaemon::FakeDaemon() {
  char folder[] = "/tmp/tokman-XXXXXX";
  folder_ = mkdtemp(folder);
  socket_ = folder_ + "/s";
  start();
}

FakeDaemon::~FakeDaemon() {
  stop();
  rmdir(folder_.c_str());
}

void FakeDaemon::start() {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) abort();
  stop_reader_ = Fd(ends[0]);
  stop_writer_ = Fd(ends[1]);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_.c_str(), sizeof address.sun_path - 1);
  listener_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) abort();
  if (listen(listener_.get(), 8) != 0) abort();
  thread_ = std::thread([this] { run(); });
}

void FakeDaemon::stop() {
  if (!thread_.joinable()) return;
  stop_writer_.reset();
  thread_.join();
  listener_.reset();
  unlink(socket_.c_str());
}

void FakeDaemon::will_answer(std::string bytes) {
  add([bytes = std::move(bytes)](int connection) {
    write_all(connection, bytes);
    return Then::go_on;
  });
}

void FakeDaemon::will_answer_byte_by_byte(std::string bytes) {
  add([bytes = std::move(bytes)](int connection) {
    for (char byte : bytes) write_all(connection, {&byte, 1});
    return Then::go_on;
  });
}

void FakeDaemon::will_answer_and_hang_up(std::string bytes) {
  add([bytes = std::move(bytes)](int connection) {
    write_all(connection, bytes);
    return Then::hang_up;
  });
}

void FakeDaemon::will_hang_up() {
  add([](int) { return Then::hang_up; });
}

void FakeDaemon::will_stay_silent() {
  add([](int) { return Then::go_on; });
}

std::vector<std::string> FakeDaemon::calls() {
  const std::lock_guard lock(mutex_);
  return calls_;
}

int FakeDaemon::connections() {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void FakeDaemon::run() {
  while (wait_for_bytes(listener_.get())) {
    const Fd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    {
      const std::lock_guard lock(mutex_);
      ++connections_;
    }
    serve(connection.get());
  }
}

void FakeDaemon::serve(int connection) {
  std::string received;
  char bytes[4096];
  while (wait_for_bytes(connection)) {
    const ssize_t count = ::recv(connection, bytes, sizeof bytes, 0);
    if (count <= 0) return;
    received.append(bytes, static_cast<std::size_t>(count));
    const std::size_t end = received.find('\0');
    if (end == std::string::npos) continue;
    const Step step = next_step(received.substr(0, end));
    received.erase(0, end + 1);
    if (step(connection) == Then::hang_up) return;
  }
}

bool FakeDaemon::wait_for_bytes(int fd) {
  pollfd waiting[] = {{stop_reader_.get(), POLLIN, 0}, {fd, POLLIN, 0}};
  while (::poll(waiting, 2, -1) < 0) {
  }
  return waiting[0].revents == 0;
}

FakeDaemon::Step FakeDaemon::next_step(std::string call) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(std::move(call));
  if (steps_.empty()) {
    return [](int connection) {
      write_all(connection, token_reply());
      return Then::go_on;
    };
  }
  Step step = std::move(steps_.front());
  steps_.pop_front();
  return step;
}

void FakeDaemon::add(Step step) {
  const std::lock_guard lock(mutex_);
  steps_.push_back(std::move(step));
}

}  // namespace tokman
