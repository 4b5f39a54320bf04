#include "daemon/platform/systemd/listen_fds.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "daemon/base/system_error.h"
#include "libtokman/base/text.h"

namespace tokman {

Result<std::vector<InheritedFd>> take_listen_fds(const Environment& environment, int first) {
  const std::string pid = environment.get("LISTEN_PID").value_or("");
  const std::string count = environment.get("LISTEN_FDS").value_or("");
  const std::string names = environment.get("LISTEN_FDNAMES").value_or("");
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) environment.unset(name);

  std::vector<InheritedFd> taken;
  if (parse_int(pid) != std::int64_t{::getpid()}) return taken;  // Meant for another process.
  const std::vector<std::string_view> name_list = split(names, ':');
  const std::int64_t announced = parse_int(count).value_or(0);
  for (std::int64_t i = 0; i < announced; ++i) {
    const int fd = first + static_cast<int>(i);
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return system_error("taking inherited descriptor " + std::to_string(fd), errno);
    }
    const auto at = static_cast<std::size_t>(i);
    taken.push_back({Fd(fd), at < name_list.size() ? std::string(name_list[at]) : ""});
  }
  return taken;
}

}  // namespace tokman
