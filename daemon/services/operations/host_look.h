#pragma once
// What the doctor sees of this host, read from the disk and from /proc.
#include <sys/types.h>

#include <string>

#include "daemon/domain/config/config.h"
#include "daemon/domain/doctor/host_findings.h"

namespace tokman {

struct HostLook {
  std::string config_path;
  pid_t signer_pid = 0;          // 0 if it is not known.
  std::string store_error = {};  // Of opening it or of the last write; "" if there was none.
};

// Takes as long as the disk does: not for the loop.
HostFacts look_at_host(const HostLook& look, const Config& config);

}  // namespace tokman
