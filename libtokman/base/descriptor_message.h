#pragma once
// Sends bytes over a Unix socket with a file descriptor beside the first of them.
//
// https://man7.org/linux/man-pages/man7/unix.7.html (SCM_RIGHTS)
#include <sys/types.h>

#include <string_view>

#include "libtokman/base/fd.h"

namespace tokman {

// As send(2) does: how many bytes were taken, or -1 and errno. The descriptor goes if any byte did;
// without a valid one only the bytes go. Never raises SIGPIPE.
ssize_t send_with_descriptor(int socket, std::string_view bytes, const Fd& descriptor,
                             int flags = 0);

}  // namespace tokman
