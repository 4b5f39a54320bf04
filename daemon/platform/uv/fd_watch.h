#pragma once
// Tells its owner when a descriptor can be read or written. It may be destroyed at any time, also
// from inside on_ready().
//
// It does not own the descriptor, and must go before the descriptor is closed. Readiness is told
// again each turn for as long as it lasts.
#include "daemon/platform/uv/handle.h"
#include "daemon/platform/uv/loop.h"

namespace tokman {

struct Interest {
  bool read = false;
  bool write = false;
};

struct Readiness {
  bool read = false;
  bool write = false;
  bool failed = false;  // The watch has stopped; set() starts it again.
};

class FdWatch {
 public:
  class Owner {
   public:
    virtual void on_ready(Readiness ready) = 0;

   protected:
    ~Owner() = default;
  };

  // REQUIRES: fd is a socket, pipe or the like, and nobody else watches it. It becomes
  // non-blocking. Owner and loop outlive the watch.
  FdWatch(Loop& loop, int fd, Owner& owner);

  void set(Interest interest);

 private:
  static void on_poll(uv_poll_t* handle, int status, int events);

  Owner& owner_;
  HandlePtr<uv_poll_t> handle_;
};

}  // namespace tokman
