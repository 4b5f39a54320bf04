#include "daemon/platform/linux/sandbox.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>

#include "daemon/base/system_error.h"

namespace tokman {
namespace {

// What is allowed whatever its arguments are.
constexpr int kAllowed[] = {
    // Descriptors that are open already.
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(write),
    SCMP_SYS(writev), SCMP_SYS(sendmsg), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(accept4),
    SCMP_SYS(getsockopt), SCMP_SYS(shutdown), SCMP_SYS(close), SCMP_SYS(lseek),
    // Files: what they are, and which there are.
    SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(stat), SCMP_SYS(lstat),
    SCMP_SYS(getdents64), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(access),
    SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(getcwd),
    // Memory.
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
    // Time, randomness, ourselves.
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom), SCMP_SYS(getpid),
    SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
    SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall), SCMP_SYS(exit),
    SCMP_SYS(exit_group)};

struct FilterDeleter {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using FilterPtr = std::unique_ptr<void, FilterDeleter>;

constexpr scmp_arg_cmp bits_are(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

int allow(const FilterPtr& filter, int system_call, const scmp_arg_cmp& condition) {
  return ::seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, system_call, 1, &condition);
}

// What is allowed only with some arguments.
int allow_conditionally(const FilterPtr& filter) {
  // O_TMPFILE needs write access, so these bits are all that could create or change a file.
  constexpr scmp_datum_t kWriting = O_ACCMODE | O_CREAT | O_TRUNC;
  const auto own_pid = static_cast<scmp_datum_t>(::getpid());
  const struct {
    int system_call;
    scmp_arg_cmp condition;
  } rules[] = {
      {SCMP_SYS(open), bits_are(1, kWriting, O_RDONLY)},
      {SCMP_SYS(openat), bits_are(2, kWriting, O_RDONLY)},
      {SCMP_SYS(mmap), bits_are(2, PROT_EXEC, 0)},
      {SCMP_SYS(mprotect), bits_are(2, PROT_EXEC, 0)},
      {SCMP_SYS(sendto), {4, SCMP_CMP_EQ, 0, 0}},       // To whom it is connected, as send().
      {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_GETFL, 0}},  // Both for opendir().
      {SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, F_SETFD, 0}},
      {SCMP_SYS(tgkill), {0, SCMP_CMP_EQ, own_pid, 0}},  // abort().
  };
  for (const auto& rule : rules) {
    if (const int status = allow(filter, rule.system_call, rule.condition); status != 0) {
      return status;
    }
  }
  return 0;
}

// SoftHSM's, found with strace: signing, and opening a key, with token and session at hand.
int allow_token_module(const FilterPtr& filter) {
  constexpr scmp_datum_t kLockCommands[] = {F_SETLK, F_SETLKW};
  for (const scmp_datum_t command : kLockCommands) {
    const int status = allow(filter, SCMP_SYS(fcntl), {1, SCMP_CMP_EQ, command, 0});
    if (status != 0) return status;
  }
  return 0;
}

int load_filter(const FilterPtr& filter, TokenModule module) {
  int status = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  for (const int system_call : kAllowed) {
    if (status == 0) status = ::seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, system_call, 0);
  }
  if (status == 0) status = allow_conditionally(filter);
  if (status == 0 && module == TokenModule::yes) status = allow_token_module(filter);
  return status != 0 ? status : ::seccomp_load(filter.get());
}

}  // namespace

Result<Done> enter_sandbox(TokenModule module) {
  if constexpr (!kSandboxIsReal) return Done{};
  const FilterPtr filter(::seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (filter == nullptr) return Error{TOKMAN_E_NO_MEMORY, "making the sandbox: out of memory"};
  if (const int status = load_filter(filter, module); status != 0) {
    return system_error("shutting the sandbox", -status);
  }
  return Done{};
}

}  // namespace tokman
