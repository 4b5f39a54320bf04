#pragma once
// The command line: which command, with which options.
#include "libtokman/base/result.h"
#include "tools/tokman/commands.h"

namespace tokman {

// Null if there is nothing left to do, because help or the version was asked for and printed.
Result<const Command*> read_command_line(int count, char** arguments, Options& options);

}  // namespace tokman
