#pragma once
// The sockets that systemd opened for the daemon: the protocol of sd_listen_fds(3), spoken
// directly.
#include <string>
#include <vector>

#include "daemon/platform/systemd/environment.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

namespace tokman {

struct InheritedFd {
  Fd fd;
  std::string name;  // FileDescriptorName= of the socket unit; "" if it has none.
};

// Takes what LISTEN_FDS announces to this process, from descriptor `first` on, closes it on exec,
// and unsets the variables, so that no child takes it for its own. None if nothing is announced.
Result<std::vector<InheritedFd>> take_listen_fds(const Environment& environment, int first = 3);

}  // namespace tokman
