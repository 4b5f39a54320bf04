#include "daemon/services/signer/signer_link.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/base/system_error.h"
#include "daemon/platform/linux/peer.h"

namespace tokman {

SignerProcess::SignerProcess(Loop& loop, Log& log, std::string program, std::string config_file)
    : loop_(loop),
      log_(log),
      program_{std::move(program), {"--config", std::move(config_file), "--fd", "3"}, {}} {}

Result<Fd> SignerProcess::start() {
  child_.reset();
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_error("making a socketpair", errno);
  }
  Fd ours(ends[0]);
  const Fd theirs(ends[1]);
  program_.fds = {theirs.get()};
  auto started =
      ChildProcess::start(loop_, program_, [this](ExitStatus status) { on_exit(status); });
  if (!started.ok()) return within("starting " + program_.path, started.error());
  child_ = std::move(started).value();
  log_.info("signer started", {{"pid", child_->pid()}});
  return ours;
}

void SignerProcess::on_exit(ExitStatus status) {
  log_.warning("signer ended", {{"status", status.status}, {"signal", status.signal}});
}

Result<Fd> connect_to_signer(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return Error{TOKMAN_E_CONFIGURATION, path + ": is too long for a socket's path"};
  }
  path.copy(address.sun_path, path.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return system_error("making a socket", errno);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return system_error("connecting to " + path, errno);
  }
  return fd;
}

pid_t pid_of_signer(const Fd& connection) {
  const Result<Peer> peer = read_peer(connection.get(), PidfdFrom::nowhere);
  return peer.ok() ? peer.value().pid : 0;
}

}  // namespace tokman
