#pragma once
// How many files and sockets the process may have open.
#include "libtokman/base/result.h"

namespace tokman {

// Raises the soft limit, often 1024 because of programs that use select(), to the hard one: each
// caller is a descriptor, and those of one user must not use up everybody's.
[[nodiscard]] Result<Done> raise_open_files_limit();

}  // namespace tokman
