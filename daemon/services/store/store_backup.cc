#include "daemon/services/store/store_backup.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <mutex>

#include "daemon/base/system_error.h"

namespace tokman {
namespace {

bool is_writable_file(const Fd& file) {
  struct stat facts = {};
  if (!file.valid() || fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return false;
  const int flags = fcntl(file.get(), F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

Result<std::int64_t> length_of(const Fd& file) {
  struct stat facts = {};
  if (fstat(file.get(), &facts) != 0) return system_error("measuring the copy");
  return std::int64_t{facts.st_size};
}

}  // namespace

struct StoreBackup::Copy {
  std::mutex writing;  // Held by whoever uses the rest.
  bool is_abandoned = false;
  Fd file;
  Result<std::int64_t> length = 0;

  void write_from(Store& store) {
    const std::lock_guard lock(writing);
    if (is_abandoned) return;
    const Result<Done> copied = store.copy_to(file);
    length = copied.ok() ? length_of(file) : copied.error();
  }
  void abandon() {
    const std::lock_guard lock(writing);
    is_abandoned = true;
  }
};

StoreBackup::~StoreBackup() {
  if (const auto copy = copy_.lock()) copy->abandon();
}

Result<OperationPtr> StoreBackup::start(Fd file, Callback callback) {
  if (!copy_.expired()) {
    return Error{TOKMAN_E_BUSY, "a backup is being written; try again when it is done"};
  }
  if (!is_writable_file(file)) {
    return Error{TOKMAN_E_INVALID_ARGUMENT,
                 "a regular file that is open for writing has to be sent with the call"};
  }
  const auto copy = std::make_shared<Copy>();
  copy->file = std::move(file);
  copy_ = copy;
  return background_.run([copy, &store = store_] { copy->write_from(store); },
                         [copy, callback = std::move(callback)] { callback(copy->length); });
}

}  // namespace tokman
