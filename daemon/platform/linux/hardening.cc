#include "daemon/platform/linux/hardening.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

#include "daemon/base/system_error.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

Result<std::string> read_text(const char* path) {
  const Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return system_error(std::string("opening ") + path);
  char text[4096];
  const ssize_t size = ::read(fd.get(), text, sizeof text);
  if (size < 0) return system_error(std::string("reading ") + path);
  return std::string(text, static_cast<std::size_t>(size));
}

}  // namespace

Result<Done> forbid_memory_dumps() {
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return system_error("forbidding core files");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return system_error("forbidding core dumps");
  return Done{};
}

Result<Done> forbid_new_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return system_error("forbidding new privileges");
  }
  return Done{};
}

Result<Done> end_with_parent() {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) {
    return system_error("asking to end with the parent");
  }
  return Done{};
}

Result<Done> refuse_mapped_users() {
  for (const char* path : {"/proc/self/uid_map", "/proc/self/gid_map"}) {
    const Result<std::string> map = read_text(path);
    if (!map.ok()) return map.error();
    if (!is_identity_map(map.value())) {
      return Error{TOKMAN_E_SYSTEM,
                   "running in a user namespace with mapped ids: callers could not be told apart"};
    }
  }
  return Done{};
}

bool is_identity_map(std::string_view map_text) {
  std::vector<std::string_view> numbers;
  for (std::string_view line : split(map_text, '\n')) {
    for (std::string_view word : split(line, ' ')) {
      if (!word.empty()) numbers.push_back(word);
    }
  }
  const std::vector<std::string_view> identity = {"0", "0", "4294967295"};
  return numbers == identity;
}

}  // namespace tokman
