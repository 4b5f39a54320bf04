#include "daemon/platform/linux/open_files.h"

#include <sys/resource.h>

#include "daemon/base/system_error.h"

namespace tokman {

Result<Done> raise_open_files_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return system_error("reading the limit of open files");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return system_error("raising the limit of open files");
  return Done{};
}

}  // namespace tokman
