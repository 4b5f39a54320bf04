#pragma once
// Who is at the other end of a connected Unix socket, as the kernel says.
//
// Uid, gid and groups are those of the process that called connect(), at that moment, and cannot
// be wrong. The pid is a mere number that another process may have got since; the pidfd is what
// ties it to one process. Unit and program are read through a pid that the pidfd shows to be alive
// afterwards, so they are of that process, but a process of the same uid can get round both.
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

namespace tokman {

struct Peer {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  std::vector<gid_t> groups;  // Supplementary, sorted, each once.
  pid_t pid = 0;              // 0 if the peer is in a pid namespace we cannot see into.
  Fd pidfd;                   // Not valid if the process was gone already.
  bool is_vouched = false;    // The pidfd came with the connection, not by way of the number.
};

// Where to ask for the pidfd. Kernels before 6.5 do not give it with the connection; then it is
// opened by number, and kept if that process belongs to the peer's user and group and was not
// replaced meanwhile. A process that another one of the same user has replaced between connect()
// and here goes unnoticed: that is what is_vouched tells.
enum class PidfdFrom { connection, number, nowhere };

// REQUIRES: `connection` is a connected AF_UNIX stream socket. PidfdFrom::connection falls back to
// number; nowhere leaves it out and makes no system call but getsockopt().
Result<Peer> read_peer(int connection, PidfdFrom from = PidfdFrom::connection);

struct ProcessFacts {
  std::optional<std::string> unit;     // The systemd unit, such as "packit-worker@1.service".
  std::optional<std::string> program;  // The file it runs, as this process knows that file.
};

// Both are absent if the process is gone. The program is also absent if its file was deleted, if
// it is not the file that has its name here (another mount namespace), or if it is another user's
// process and we lack CAP_SYS_PTRACE.
ProcessFacts read_process_facts(const Peer& peer);

}  // namespace tokman
