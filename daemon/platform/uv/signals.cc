#include "daemon/platform/uv/signals.h"

#include <csignal>
#include <utility>

namespace tokman {

Signals::Signals(Loop& loop, Handlers handlers) : handlers_(std::move(handlers)) {
  std::signal(SIGPIPE, SIG_IGN);
  constexpr std::array<int, 3> kNumbers = {SIGTERM, SIGINT, SIGHUP};
  for (std::size_t i = 0; i < kNumbers.size(); ++i) {
    handles_[i] = make_handle<uv_signal_t>(
        this, [&](uv_signal_t* handle) { return uv_signal_init(loop.raw(), handle); });
    uv_signal_start(handles_[i].get(), on_signal, kNumbers[i]);
  }
}

void Signals::on_signal(uv_signal_t* handle, int number) {
  auto* self = static_cast<Signals*>(handle->data);
  if (self == nullptr) return;
  // A copy, because the handler may destroy this object.
  const auto handler = number == SIGHUP ? self->handlers_.reload : self->handlers_.terminate;
  handler();
}

}  // namespace tokman
