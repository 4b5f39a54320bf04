#include "tools/tokman/waited_program.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <initializer_list>

namespace tokman {
namespace {

constexpr int kSignalled = 128;

// SIGINT and SIGQUIT come from the terminal, which sends them to the program, too.
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT}) sigaddset(&signals, number);
  return signals;
}

int wait_for(pid_t child, const sigset_t& signals) {
  for (;;) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
    }
    const int number = sigwaitinfo(&signals, nullptr);
    if (number == SIGTERM || number == SIGHUP) kill(child, number);
  }
}

}  // namespace

Result<int> wait_for_program(const std::function<int()>& become) {
  const sigset_t signals = awaited_signals();
  sigset_t before;
  sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t child = fork();
  if (child < 0) return Error{TOKMAN_E_SYSTEM, std::string("fork: ") + strerrordesc_np(errno)};
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    _exit(become());
  }
  return wait_for(child, signals);
}

}  // namespace tokman
