#include "libtokman/base/memory_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tokman {
namespace {

Error system_failed(const char* doing) {
  return Error{TOKMAN_E_SYSTEM, std::string(doing) + ": " + strerrordesc_np(errno)};
}

Error unfit(const char* why) { return Error{TOKMAN_E_INVALID_ARGUMENT, why}; }

}  // namespace

Result<Fd> make_memory_file(std::string_view bytes) {
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  Fd fd(memfd_create("tokman", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return system_failed("making a file in memory");
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0) return system_failed("writing to a file in memory");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0) return system_failed("sealing a file in memory");
  return fd;
}

Result<std::size_t> memory_file_size(int fd, std::size_t bytes_max) {
  // Only files that live in memory have seals.
  if (fcntl(fd, F_GET_SEALS) < 0) return unfit("the descriptor is no file in memory (memfd)");
  struct stat status {};
  if (fstat(fd, &status) != 0) return system_failed("looking at a file in memory");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > bytes_max) return unfit("the file is too large");
  return size;
}

Result<std::string> read_memory_file(int fd, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = ::pread(fd, bytes.data() + done, size - done, static_cast<off_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unfit("the descriptor cannot be read from");
    if (count == 0) break;  // It has been shortened meanwhile.
    done += static_cast<std::size_t>(count);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace tokman
