#include "daemon/platform/lmdb/environment.h"

#include <fcntl.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <fstream>

#include "libtokman/base/fd.h"

namespace tokman {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr mode_t kOthers = 0077;

Error refused(const std::string& folder, const std::string& what) {
  return Error{TOKMAN_E_STORE, folder + " " + what};
}

Result<Fd> prepare_folder(const std::string& folder) {
  if (mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return lmdb_error("making " + folder, errno);
  }
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  struct stat facts = {};
  if (!fd.valid() || fstat(fd.get(), &facts) != 0) return lmdb_error("opening " + folder, errno);
  if (facts.st_uid != geteuid()) {
    return refused(folder, "belongs to uid " + std::to_string(facts.st_uid) +
                               ", but must belong to uid " + std::to_string(geteuid()));
  }
  if ((facts.st_mode & kOthers) != 0) {
    return refused(folder, "is open to others; close it with: chmod 0700 " + folder);
  }
  return fd;
}

// LMDB closes its other files on exec, but leaves this one to us.
int close_data_file_on_exec(MDB_env* environment) {
  int fd = -1;
  if (const int status = mdb_env_get_fd(environment, &fd); status != 0) return status;
  return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? 0 : errno;
}

int configure_and_open(MDB_env* environment, const EnvironmentOptions& options) {
  int dead_readers = 0;
  int status = mdb_env_set_maxdbs(environment, options.tables_max);
  if (status == 0) status = mdb_env_set_mapsize(environment, options.map_bytes);
  // MDB_NOTLS: a read belongs to its object, not to its thread.
  if (status == 0) status = mdb_env_open(environment, options.folder.c_str(), MDB_NOTLS, kFileMode);
  if (status == 0) status = close_data_file_on_exec(environment);
  if (status == 0) status = mdb_reader_check(environment, &dead_readers);
  return status;
}

}  // namespace

void CloseEnvironment::operator()(MDB_env* environment) const noexcept {
  mdb_env_close(environment);
}

Result<Fd> lock_folder(const std::string& folder) {
  Result<Fd> prepared = prepare_folder(folder);
  if (!prepared.ok() || flock(prepared.value().get(), LOCK_EX | LOCK_NB) == 0) return prepared;
  if (errno == EWOULDBLOCK) return refused(folder, "is in use by another process");
  return lmdb_error("locking " + folder, errno);
}

Result<EnvironmentPtr> open_environment(const EnvironmentOptions& options) {
  Result<Fd> lock = lock_folder(options.folder);
  if (!lock.ok()) return lock.error();
  MDB_env* raw = nullptr;
  if (const int status = mdb_env_create(&raw); status != 0) {
    return lmdb_error("preparing LMDB", status);
  }
  EnvironmentPtr environment(raw, CloseEnvironment{std::move(lock).value()});
  const int status = configure_and_open(raw, options);
  if (status != 0) return lmdb_error("opening the store in " + options.folder, status);
  return environment;
}

// LMDB does not tell it; the kernel does, in /proc/self/maps: BEGIN-END MODE OFFSET DEVICE INODE …
std::span<std::byte> find_map(const EnvironmentPtr& environment) {
  int fd = -1;
  struct stat facts = {};
  if (mdb_env_get_fd(environment.get(), &fd) != 0 || fstat(fd, &facts) != 0) return {};
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    unsigned long inode = 0;
    const int fields = std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " r--s %*s %*s %lu",
                                   &begin, &end, &inode);
    if (fields != 3 || inode != facts.st_ino || !line.ends_with("/data.mdb")) continue;
    return {reinterpret_cast<std::byte*>(begin), end - begin};
  }
  return {};
}

Result<std::size_t> file_bytes_needed(const EnvironmentPtr& environment) {
  MDB_envinfo facts = {};
  MDB_stat pages = {};
  int status = mdb_env_info(environment.get(), &facts);
  if (status == 0) status = mdb_env_stat(environment.get(), &pages);
  if (status != 0) return lmdb_error("measuring the store", status);
  return (facts.me_last_pgno + 1) * pages.ms_psize;
}

Error lmdb_error(const std::string& doing, int status) {
  return Error{TOKMAN_E_STORE, doing + ": " + mdb_strerror(status)};
}

}  // namespace tokman
