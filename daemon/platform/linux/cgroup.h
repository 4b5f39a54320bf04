#pragma once
// The systemd unit that a process belongs to, by the text of its /proc/<pid>/cgroup.
//
// Only units that the system's own systemd made are told. A user may build any tree of groups
// below user@UID.service or below a service that has Delegate=, so the first unit that is not a
// slice is the answer, and what lies below it is never looked at.
#include <optional>
#include <string>
#include <string_view>

namespace tokman {

// "0::/system.slice/system-packit.slice/packit@1.service\n" -> "packit@1.service". None if the
// process is in no unit, in a group outside our view, or in one that has been removed.
std::optional<std::string> unit_of_cgroup(std::string_view cgroup_text);

}  // namespace tokman
