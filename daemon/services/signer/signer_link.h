#pragma once
// The way to the signer: a process that we start, or a socket where one listens.
//
// A signer of our own ends with us: it holds the other end of a socketpair as descriptor 3, and
// ends when that is closed.
#include <memory>
#include <string>

#include "daemon/base/log.h"
#include "daemon/platform/uv/child_process.h"
#include "daemon/platform/uv/loop.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

namespace tokman {

class SignerLink {
 public:
  struct Place {
    std::string signer;       // kSpawnSigner, or "unix:/path" of one that somebody else runs.
    std::string program;      // What is started,
    std::string config_path;  // and reads this.
  };

  // REQUIRES: loop and log outlive this object.
  SignerLink(Loop& loop, Log& log, Place place);

  // A connection to the signer. Where it is ours, a new one is started in place of the one before.
  // Does not wait: a socket with a full queue is an error.
  Result<Fd> connect();

  // Of the last signer there was a connection to; 0 if there was none, or the kernel does not tell.
  pid_t pid() const { return pid_; }

 private:
  Result<Fd> start();
  void on_exit(ExitStatus status);

  Loop& loop_;
  Log& log_;
  std::string socket_;  // "" if the signer is ours.
  ProgramToStart program_;
  std::unique_ptr<ChildProcess> child_;
  pid_t pid_ = 0;
};

}  // namespace tokman
