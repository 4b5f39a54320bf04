#pragma once
// Bytes in a file that only memory holds (memfd), to be handed to another process as a descriptor.
//
// https://man7.org/linux/man-pages/man2/memfd_create.2.html
// Whoever gives such a file away may still write to it. What is sealed cannot change any more, so
// that two who read it have read the same.
#include <cstddef>
#include <string>
#include <string_view>

#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

namespace tokman {

// Sealed.
Result<Fd> make_memory_file(std::string_view bytes);

// INVALID_ARGUMENT if the descriptor is of anything but memory (reading could then wait for ever),
// or of more than bytes_max.
Result<std::size_t> memory_file_size(int fd, std::size_t bytes_max);

// Reads up to `size` bytes from the start, wherever the descriptor's offset is.
Result<std::string> read_memory_file(int fd, std::size_t size);

}  // namespace tokman
