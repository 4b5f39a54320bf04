#pragma once
// The last lock of a process that has all it needs: a seccomp filter that cannot be taken off.
//
// What stays possible: reading and writing descriptors that are open, accepting connections on
// sockets that listen, opening files to read, memory that is not executable, time, randomness,
// ending. Any other system call (socket, connect, execve, fork, ptrace, opening a file to write,
// executable memory, ...) ends the process at once with SIGSYS, and the kernel logs it. With a
// TokenModule, files that are open can be locked as well.
//
// REQUIRES: one thread. In a build with sanitizers or coverage this does nothing, because they make
// system calls of their own: kSandboxIsReal says so.
#include "libtokman/base/result.h"

namespace tokman {

#ifdef TOKMAN_INSTRUMENTED
inline constexpr bool kSandboxIsReal = false;
#else
inline constexpr bool kSandboxIsReal = true;
#endif

// A PKCS#11 module that keeps its keys in files, as SoftHSM does, locks these while it reads them.
enum class TokenModule : bool { no, yes };

[[nodiscard]] Result<Done> enter_sandbox(TokenModule module = TokenModule::no);

}  // namespace tokman
