#pragma once
// A memfd with something in it.
#include <sys/mman.h>

#include <string_view>

#include "libtokman/base/fd.h"

namespace tokman {

// Read from its beginning, or wherever the reader goes: the position is at the end.
inline Fd make_memfd(std::string_view content) {
  Fd fd(::memfd_create("test", MFD_CLOEXEC));
  while (!content.empty()) {
    const ssize_t written = ::write(fd.get(), content.data(), content.size());
    if (written <= 0) return Fd();
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return fd;
}

}  // namespace tokman
