#include "tools/tokman/secret_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libtokman/base/fd.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::size_t kSecretBytesMax = 16 * 1024;

Error refused(const std::string& path, std::string_view what) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, path + ": " + std::string(what)};
}

Result<SecretBytes> read_all(int fd, const std::string& path) {
  SecretBytes bytes = SecretBytes::with_size(kSecretBytesMax);
  std::size_t size = 0;
  for (;;) {
    if (size == kSecretBytesMax) return refused(path, "is too long for a secret");
    const ssize_t count = ::read(fd, bytes.writable() + size, kSecretBytesMax - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refused(path, strerrordesc_np(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  SecretBytes secret(trim(bytes.reveal().substr(0, size)));
  if (secret.empty()) return refused(path, "holds nothing");
  return secret;
}

}  // namespace

Result<SecretBytes> read_secret(const std::string& path) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input");
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file.valid() || fstat(file.get(), &status) != 0) {
    return refused(path, strerrordesc_np(errno));
  }
  if ((status.st_mode & S_IRWXO) != 0) {
    return refused(path, "is open to everybody; run chmod o-rwx on it");
  }
  return read_all(file.get(), path);
}

}  // namespace tokman
