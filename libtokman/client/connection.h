#pragma once
// One socket to the daemon, and one exchange at a time over it.
//
// The descriptor lives in an application that may close or reuse it behind our back. So it is
// recognised by its inode before each use, and never closed if it has become someone else's.
// A connection also ends when the process changes its user, because the daemon knows who
// connected, not who asks. Nothing here raises SIGPIPE or leaves the descriptor to a child.
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "libtokman/base/fd.h"
#include "libtokman/client/deadline.h"
#include "libtokman/client/secret_memory.h"

namespace tokman {

enum class Outcome {
  replied,  // reply() has the frame.
  broken,   // The daemon hung up, before or while it answered.
  timed_out,
  malformed,  // What came is no single frame, or too long.
};

class Connection {
 public:
  Connection() = default;
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // 0 or an errno. EAGAIN: the daemon is there, but too many are waiting for it.
  int open(const std::string& path);
  bool is_usable() const;
  void close();

  // Sends a frame, with a descriptor if that is valid, and waits for one. REQUIRES: is_usable().
  // Anything but `replied` leaves the connection in the middle of something: close it.
  Outcome exchange(std::string_view frame, const Fd& descriptor, Deadline deadline);

  // Whether the daemon may have seen any of the last frame.
  bool has_sent_any() const { return has_sent_any_; }

  // The frame that came, without its NUL. Lives until wipe_reply() or the next exchange.
  std::string_view reply() const;
  void wipe_reply();

 private:
  bool is_ours() const;
  std::optional<Outcome> send(std::string_view frame, const Fd& descriptor, Deadline deadline);
  Outcome receive(Deadline deadline);
  std::optional<Outcome> wait_for(short events, Deadline deadline) const;
  bool make_room();

  Fd fd_;
  ino_t inode_ = 0;
  uid_t user_ = 0;
  bool has_sent_any_ = false;
  std::optional<SecretPages> buffer_;
  std::size_t received_ = 0;  // Bytes in buffer_, the NUL included.
};

}  // namespace tokman
