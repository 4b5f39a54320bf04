#pragma once
// What the kernel says about the process at the other end of a connection, read once at accept.
//
// Only uid, gid and groups are authentication. Unit and program are narrowing facts: they can add
// a condition, never give anything by themselves (a process of the same uid can get around them).
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace tokman {

inline constexpr uid_t kOverflowId = 65534;  // What the kernel says for ids it cannot map.

struct PeerFacts {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  std::vector<gid_t> groups = {};  // Supplementary, sorted.
  pid_t pid = 0;
  bool has_pidfd = false;                // The kernel vouched for the process, not just its number.
  std::optional<std::string> unit = {};  // systemd unit, from the cgroup.
  std::optional<std::string> program = {};    // /proc/<pid>/exe
  std::optional<std::string> user = {};       // The uid's name; none while it has no name.
  std::vector<std::string> group_names = {};  // Of gid and groups, where they have names.
};

}  // namespace tokman
