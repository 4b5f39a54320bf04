#pragma once
// The signals of the daemon as callbacks in the loop: SIGTERM and SIGINT ask it to end, SIGHUP to
// read its configuration again. SIGPIPE is ignored from then on: a write says EPIPE instead.
#include <array>
#include <functional>

#include "daemon/platform/uv/handle.h"
#include "daemon/platform/uv/loop.h"

namespace tokman {

class Signals {
 public:
  struct Handlers {
    std::function<void()> terminate;
    std::function<void()> reload;
  };

  // REQUIRES: loop outlives this object.
  Signals(Loop& loop, Handlers handlers);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  static void on_signal(uv_signal_t* handle, int number);

  Handlers handlers_;
  std::array<HandlePtr<uv_signal_t>, 3> handles_;
};

}  // namespace tokman
