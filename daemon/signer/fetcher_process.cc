#include "daemon/signer/fetcher_process.h"

#include <spawn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "daemon/base/system_error.h"

namespace tokman {
namespace {

constexpr int kFetchersEnd = 3;

std::string fetcher_program() {
  std::error_code fault;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", fault);
  return (fault ? std::filesystem::path("/usr/sbin") : own.parent_path()) / "tokman-fetcher";
}

}  // namespace

Result<Fd> start_fetcher(const std::string& config_file) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_error("making a socketpair");
  }
  Fd ours(ends[0]);
  const Fd theirs(ends[1]);
  std::string program = fetcher_program();
  std::string config = config_file;
  std::string fd = std::to_string(kFetchersEnd);
  char* const arguments[] = {program.data(), const_cast<char*>("--config"),
                             config.data(),  const_cast<char*>("--fd"),
                             fd.data(),      nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), kFetchersEnd);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, kFetchersEnd + 1);
  pid_t pid = 0;
  const int refused = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (refused != 0) return system_error("starting " + program, refused);
  return ours;
}

}  // namespace tokman
