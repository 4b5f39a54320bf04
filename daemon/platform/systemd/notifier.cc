#include "daemon/platform/systemd/notifier.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "daemon/base/system_error.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr timeval kPatience{1, 0};

std::optional<std::chrono::microseconds> interval_from(const Environment& environment) {
  const std::optional<std::string> for_pid = environment.get("WATCHDOG_PID");
  if (for_pid && parse_int(*for_pid) != std::int64_t{::getpid()}) return std::nullopt;
  const std::optional<std::int64_t> micros =
      parse_int(environment.get("WATCHDOG_USEC").value_or(""));
  if (!micros || *micros <= 0) return std::nullopt;
  return std::chrono::microseconds(*micros);
}

std::int64_t monotonic_micros() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1'000;
}

}  // namespace

Notifier::Notifier(const Environment& environment)
    : socket_(environment.get("NOTIFY_SOCKET").value_or("")),
      interval_(interval_from(environment)) {}

Result<Done> Notifier::ready(std::string_view status) const {
  std::string line(status);
  std::replace(line.begin(), line.end(), '\n', ' ');  // A line break would begin a new field.
  return send("READY=1\nSTATUS=" + line);
}

Result<Done> Notifier::reloading() const {
  return send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_micros()));
}

Result<Done> Notifier::stopping() const { return send("STOPPING=1"); }
Result<Done> Notifier::watchdog() const { return send("WATCHDOG=1"); }

Result<Done> Notifier::send(std::string_view message) const {
  if (socket_.empty()) return Done{};
  const std::string doing = "notifying systemd at " + socket_;
  sockaddr_un address{};
  if (socket_.size() >= sizeof address.sun_path) return system_error(doing, ENAMETOOLONG);
  address.sun_family = AF_UNIX;
  std::copy(socket_.begin(), socket_.end(), address.sun_path);
  if (socket_.front() == '@') address.sun_path[0] = '\0';

  const Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // The length counts: an abstract name ends with it and not with a zero byte.
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  if (!fd.valid() ||
      ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience) != 0 ||
      ::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address), size) < 0) {
    return system_error(doing, errno);
  }
  return Done{};
}

}  // namespace tokman
