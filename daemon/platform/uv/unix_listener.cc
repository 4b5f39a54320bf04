#include "daemon/platform/uv/unix_listener.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "daemon/base/system_error.h"

namespace tokman {
namespace {

constexpr int kAcceptedPerTurnMax = 16;  // Others have their turn, too.

bool is_shortage(int number) {
  return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

}  // namespace

UnixListener::UnixListener(Loop& loop, ListeningSocket socket, Events& events,
                           std::chrono::milliseconds pause)
    : loop_(loop),
      events_(events),
      pause_(pause),
      socket_(std::move(socket)),
      watch_(loop, socket_.fd(), *this) {
  watch_.set({.read = true});
}

UnixListener::~UnixListener() {
  if (gone_ != nullptr) *gone_ = true;
}

void UnixListener::on_ready(Readiness) {
  bool gone = false;
  gone_ = &gone;
  for (int i = 0; i < kAcceptedPerTurnMax; ++i) {
    Fd accepted(::accept4(socket_.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted.valid()) {
      gone_ = nullptr;
      return on_failed_accept(errno);
    }
    events_.on_connection(std::move(accepted));
    if (gone) return;
  }
  gone_ = nullptr;
}

void UnixListener::on_failed_accept(int number) {
  if (!is_shortage(number)) return;  // None is waiting, or one that waited has given up.
  watch_.set({});
  resume_ = loop_.at(loop_.now() + pause_, [this] { watch_.set({.read = true}); });
  events_.on_accept_error(system_error("accepting connections", number));
}

}  // namespace tokman
