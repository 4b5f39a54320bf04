#pragma once
// The two ways to the signer: a process that we start, or a socket where one listens.
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/platform/uv/child_process.h"
#include "daemon/platform/uv/loop.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

namespace tokman {

// A signer of our own, which ends with us: it holds the other end of a socketpair as descriptor 3,
// and ends when that is closed.
class SignerProcess {
 public:
  // REQUIRES: loop and log outlive this object.
  SignerProcess(Loop& loop, Log& log, std::string program, std::string config_file);

  // Starts a signer in place of the one before, and gives our end of the socketpair.
  Result<Fd> start();

  pid_t pid() const { return child_ ? child_->pid() : 0; }  // 0 before start().

 private:
  void on_exit(ExitStatus status);

  Loop& loop_;
  Log& log_;
  ProgramToStart program_;
  std::unique_ptr<ChildProcess> child_;
};

// The socket of a signer that somebody else runs. Does not wait: a full queue is an error.
Result<Fd> connect_to_signer(const std::string& path);

// Of the signer at the other end of such a connection; 0 if the kernel does not tell.
pid_t pid_of_signer(const Fd& connection);

}  // namespace tokman
