#pragma once
// A program that runs beside this one, for as long as which this one stays.
#include <functional>

#include "libtokman/base/result.h"

namespace tokman {

// Forks; the child does `become` and exits with what that gives if it comes back. Waits for the
// child, handing on SIGTERM and SIGHUP; gives its exit status as a shell does: 128 and more for a
// signal. REQUIRES: this process has one thread.
Result<int> wait_for_program(const std::function<int()>& become);

}  // namespace tokman
