#include "daemon/platform/linux/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/system_error.h"
#include "libtokman/base/fd.h"

namespace tokman {
namespace {

Error file_error(const std::string& doing, int error_number) {
  Error error = system_error(doing, error_number);
  if (error_number == ENOENT) error.code = TOKMAN_E_NOT_FOUND;
  return error;
}

Error too_long(const std::string& path, std::size_t bytes_max) {
  return Error{TOKMAN_E_SYSTEM, path + ": is longer than " + std::to_string(bytes_max) + " bytes"};
}

// How many bytes there were: `size`, or fewer if the file ended.
Result<std::size_t> read_up_to(int fd, char* bytes, std::size_t size) {
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t count = ::read(fd, bytes + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("reading");
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

}  // namespace

Result<FileContent> read_file(const std::string& path, std::size_t bytes_max) {
  // O_NONBLOCK: opening a FIFO must not wait for someone to write to it.
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid()) return file_error("opening " + path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return system_error("looking at " + path);
  if (!S_ISREG(status.st_mode)) return Error{TOKMAN_E_SYSTEM, path + ": is not a regular file"};
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > bytes_max) return too_long(path, bytes_max);

  SecretBytes bytes = SecretBytes::with_size(size);
  char beyond = 0;
  const Result<std::size_t> filled = read_up_to(fd.get(), bytes.writable(), size);
  const Result<std::size_t> rest = read_up_to(fd.get(), &beyond, 1);
  if (!filled.ok()) return within(path, filled.error());
  if (!rest.ok()) return within(path, rest.error());
  if (filled.value() != size || rest.value() != 0) {
    return Error{TOKMAN_E_SYSTEM, path + ": changed while it was read"};
  }
  return FileContent{std::move(bytes), status.st_uid, status.st_gid, status.st_mode & 07777u};
}

}  // namespace tokman
