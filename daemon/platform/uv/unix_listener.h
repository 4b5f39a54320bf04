#pragma once
// Accepts connections on a listening socket. It may be destroyed at any time, also from inside its
// own events: that is how accepting is stopped.
//
// When descriptors or memory run out it says so once, leaves the callers waiting in the kernel's
// queue, and looks again after `pause`: nobody is cut off and the loop does not spin.
#include <chrono>

#include "daemon/platform/uv/fd_watch.h"
#include "daemon/platform/uv/listening_socket.h"
#include "daemon/platform/uv/loop.h"

namespace tokman {

class UnixListener final : private FdWatch::Owner {
 public:
  static constexpr std::chrono::milliseconds kPause{100};

  class Events {
   public:
    // Non-blocking and close-on-exec.
    virtual void on_connection(Fd fd) = 0;
    virtual void on_accept_error(Error error) = 0;

   protected:
    ~Events() = default;
  };

  // REQUIRES: loop and events outlive the listener.
  UnixListener(Loop& loop, ListeningSocket socket, Events& events,
               std::chrono::milliseconds pause = kPause);
  ~UnixListener();
  UnixListener(const UnixListener&) = delete;
  UnixListener& operator=(const UnixListener&) = delete;

 private:
  void on_ready(Readiness ready) override;
  void on_failed_accept(int number);

  Loop& loop_;
  Events& events_;
  const std::chrono::milliseconds pause_;
  ListeningSocket socket_;  // Before watch_: the watch goes first.
  FdWatch watch_;
  OperationPtr resume_;
  bool* gone_ = nullptr;  // Tells a loop further up the stack that *this was destroyed.
};

}  // namespace tokman
