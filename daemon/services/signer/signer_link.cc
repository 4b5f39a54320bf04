#include "daemon/services/signer/signer_link.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "daemon/base/system_error.h"
#include "daemon/domain/config/config.h"
#include "daemon/platform/linux/peer.h"

namespace tokman {
namespace {

constexpr std::string_view kUnix = "unix:";

Result<Fd> connect_to(const std::string& path) {
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

pid_t pid_behind(const Fd& connection) {
  const Result<Peer> peer = read_peer(connection.get(), PidfdFrom::nowhere);
  return peer.ok() ? peer.value().pid : 0;
}

}  // namespace

SignerLink::SignerLink(Loop& loop, Log& log, Place place)
    : loop_(loop),
      log_(log),
      socket_(place.signer == kSpawnSigner ? "" : place.signer.substr(kUnix.size())),
      program_{
          std::move(place.program), {"--config", std::move(place.config_path), "--fd", "3"}, {}} {}

Result<Fd> SignerLink::connect() {
  if (socket_.empty()) return start();
  Result<Fd> connected = connect_to(socket_);
  if (connected.ok()) pid_ = pid_behind(connected.value());
  return connected;
}

Result<Fd> SignerLink::start() {
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
  pid_ = child_->pid();
  log_.info("signer started", {{"pid", pid_}});
  return ours;
}

void SignerLink::on_exit(ExitStatus status) {
  log_.warning("signer ended", {{"status", status.status}, {"signal", status.signal}});
}

}  // namespace tokman
