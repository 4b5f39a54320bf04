#pragma once
// A program that was started by us and does not outlive this object.
//
// It inherits the environment, standard error, and the descriptors given; standard input and output
// are /dev/null. Destroying the object kills the program (SIGKILL) and reaps it before it returns;
// to let it end in its own time, terminate() it and wait for the callback.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/platform/uv/handle.h"
#include "daemon/platform/uv/loop.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

namespace tokman {

struct ProgramToStart {
  std::string path;                         // Absolute.
  std::vector<std::string> arguments = {};  // Without argv[0].
  std::vector<int> fds = {};                // The program's descriptors 3, 4, …; borrowed.
};

struct ExitStatus {
  int status = 0;  // What it passed to exit().
  int signal = 0;  // What killed it; 0 if it exited.
};

class ChildProcess {
 public:
  using OnExit = std::function<void(ExitStatus)>;

  // on_exit is called once at most, and never after this object is gone; it may destroy it.
  static Result<std::unique_ptr<ChildProcess>> start(Loop& loop, const ProgramToStart& program,
                                                     OnExit on_exit);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const { return pid_; }
  void terminate();  // SIGTERM.

 private:
  explicit ChildProcess(OnExit on_exit) : on_exit_(std::move(on_exit)) {}
  static void on_child_exit(uv_process_t* handle, int64_t status, int signal);

  OnExit on_exit_;
  HandlePtr<uv_process_t> handle_;
  int pid_ = 0;
  bool running_ = false;
};

}  // namespace tokman
