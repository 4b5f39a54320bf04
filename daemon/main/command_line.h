#pragma once
// tokmand's command line, and what happens before the daemon is built.
#include <span>

#include "daemon/api/method_table.h"

namespace tokman {

// The whole program: gives its exit status (an error's number, as tokman(1) does).
// REQUIRES: interfaces outlive the call.
int run_tokmand(int argc, char** argv, std::span<const Interface> interfaces);

}  // namespace tokman
