#pragma once
// Owning a libuv handle. libuv goes on using a handle after it was told to close it, until its
// close callback. So handles live on the heap, and owning one means: closing it is the owner's job,
// freeing it is libuv's last word.
#include <uv.h>

#include <cstdlib>
#include <memory>

namespace tokman {

template <class Handle>
struct CloseHandle {
  void operator()(Handle* handle) const noexcept {
    handle->data = nullptr;  // A callback that still arrives finds no owner.
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
  }
};
template <class Handle>
using HandlePtr = std::unique_ptr<Handle, CloseHandle<Handle>>;

// `init` fails for want of memory, or by a mistake of ours; both end the daemon.
template <class Handle, class Init>
HandlePtr<Handle> make_handle(void* owner, Init init) {
  auto handle = std::make_unique<Handle>();
  if (init(handle.get()) != 0) std::abort();
  handle->data = owner;
  return HandlePtr<Handle>(handle.release());
}

}  // namespace tokman
