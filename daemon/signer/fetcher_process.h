#pragma once
// Starts tokman-fetcher, which lies beside this program.
#include <string>

#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

namespace tokman {

// Our end of the socket to it; it ends when this is closed. To be called before the sandbox shuts.
Result<Fd> start_fetcher(const std::string& config_file);

}  // namespace tokman
