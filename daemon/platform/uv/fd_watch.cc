#include "daemon/platform/uv/fd_watch.h"

namespace tokman {

FdWatch::FdWatch(Loop& loop, int fd, Owner& owner)
    : owner_(owner), handle_(make_handle<uv_poll_t>(this, [&](uv_poll_t* handle) {
        return uv_poll_init(loop.raw(), handle, fd);
      })) {}

void FdWatch::set(Interest interest) {
  const int events = (interest.read ? UV_READABLE : 0) | (interest.write ? UV_WRITABLE : 0);
  if (events == 0) {
    uv_poll_stop(handle_.get());
  } else {
    uv_poll_start(handle_.get(), events, on_poll);
  }
}

void FdWatch::on_poll(uv_poll_t* handle, int status, int events) {
  auto* self = static_cast<FdWatch*>(handle->data);
  if (self == nullptr) return;
  self->owner_.on_ready({.read = (events & UV_READABLE) != 0,
                         .write = (events & UV_WRITABLE) != 0,
                         .failed = status < 0});
}

}  // namespace tokman
