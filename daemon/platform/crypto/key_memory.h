#pragma once
// Keeps private keys, and all that computing with them leaves behind, out of swap and core dumps.
//
// OpenSSL's own secure heap would not do: it holds the numbers of a key, but not the PEM text, the
// DER in between, nor the copies of the primes that an RSA key keeps for Montgomery multiplication.
// So the whole heap and the stack of the process are locked and left out of core dumps, and
// OpenSSL wipes every block it frees. Outside remain the registers, and what the kernel copies
// when a key file is read.
#include <cstddef>

#include "libtokman/base/result.h"

namespace tokman {

// What the heap may hold under this promise; what grows beyond is not locked. Pages count towards
// RLIMIT_MEMLOCK (8 MiB by default) at once, but take memory only when they are used.
inline constexpr std::size_t kLockedHeapBytes = 4 * 1024 * 1024;

// REQUIRES: one thread, and nothing has used OpenSSL yet. With Error nothing is promised; it says
// what the system refused. Not for a sanitizer's build: its heap is not the one meant here.
Result<Done> use_locked_memory_for_keys();

}  // namespace tokman
