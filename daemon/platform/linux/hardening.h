#pragma once
// What a process that holds secrets gives up before it serves anyone.
#include <string_view>

#include "libtokman/base/result.h"

namespace tokman {

// No core file, no core piped to a crash handler, and no other process of our user may look into
// our memory (ptrace, /proc/<pid>/mem).
[[nodiscard]] Result<Done> forbid_memory_dumps();

// Programs we run cannot gain what we do not have: set-user-id bits and file capabilities are dead.
[[nodiscard]] Result<Done> forbid_new_privileges();

// Kills us when the thread that started us ends. One that has ended already is not noticed.
[[nodiscard]] Result<Done> end_with_parent();

// In a user namespace with mapped ids the kernel's answers about peers are not what they seem:
// many users read as one. Then we do not start.
[[nodiscard]] Result<Done> refuse_mapped_users();

// The text of /proc/self/uid_map or gid_map: whether every id maps to itself.
bool is_identity_map(std::string_view map_text);

}  // namespace tokman
