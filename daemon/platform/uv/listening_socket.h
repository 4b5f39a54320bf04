#pragma once
// A Unix socket that listens at a path: made by us, or inherited from systemd.
//
// One made by us appears at its path with its final mode and group, already listening: it is bound
// beside it under the name "<path>.new" with no permission at all, finished there, and renamed.
// (umask cannot give a group, and chown after bind leaves a moment with the wrong one.)
//
// Two daemons cannot both win, because the maker holds a lock on "<path>.lock" for as long as it
// lives. That file stays: if it were removed, two could hold a lock of that name. A stale socket at
// the path is replaced; a live daemon's, or anything that is no socket, is an error. When it goes
// it removes the path if that is still its own; an inherited socket's path is left.
#include <sys/types.h>

#include <optional>
#include <string>

#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

namespace tokman {

struct ListeningSocketOptions {
  std::string path;
  mode_t mode = 0660;
  std::optional<gid_t> group = {};
};

class ListeningSocket {
 public:
  static Result<ListeningSocket> make(const ListeningSocketOptions& options);
  // Fails if fd is not a listening Unix stream socket.
  static Result<ListeningSocket> inherit(Fd fd);

  ListeningSocket(ListeningSocket&& other) noexcept;
  ~ListeningSocket();

  int fd() const { return fd_.get(); }

 private:
  ListeningSocket() = default;
  static Result<ListeningSocket> make_unnamed(const ListeningSocketOptions& options);

  Fd fd_;
  Fd lock_;
  std::string path_;  // "" if it was inherited.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace tokman
