#pragma once
// Tells systemd how the daemon is: the protocol of sd_notify(3), spoken directly.
//
// Without a NOTIFY_SOCKET there is nobody to tell, and every call succeeds. A message is one
// datagram; it waits for at most a second if systemd is too busy to take it.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/platform/systemd/environment.h"
#include "libtokman/base/result.h"

namespace tokman {

class Notifier {
 public:
  explicit Notifier(const Environment& environment);

  // READY=1 also ends what reloading() began. `status` is a line for `systemctl status`.
  Result<Done> ready(std::string_view status) const;
  Result<Done> reloading() const;
  Result<Done> stopping() const;
  Result<Done> watchdog() const;

  // systemd takes the daemon for dead if watchdog() is not called this often; none: never.
  std::optional<std::chrono::microseconds> watchdog_interval() const { return interval_; }

 private:
  Result<Done> send(std::string_view message) const;

  std::string socket_;  // "" if nobody listens; "@…" is in the abstract namespace.
  std::optional<std::chrono::microseconds> interval_;
};

}  // namespace tokman
