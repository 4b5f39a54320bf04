#include "daemon/services/store/store_restore.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "daemon/base/system_error.h"

namespace tokman {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDataFile = "/data.mdb";

Error fs_error(const std::string& doing, const std::error_code& fault) {
  return system_error(doing, fault.value());
}

Result<Done> sync(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) return system_error("writing " + path);
  return Done{};
}

// A folder beside the data file, for the copy while it is looked at.
class Stage {
 public:
  explicit Stage(const std::string& folder) : path_(folder + "/restoring") {}
  ~Stage() {
    std::error_code fault;
    fs::remove_all(path_, fault);
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  const std::string& path() const { return path_; }
  std::string data_file() const { return path_ + kDataFile; }

  Result<Done> take_copy(const std::string& file) const {
    std::error_code fault;
    fs::remove_all(path_, fault);  // What an earlier restore left that was killed.
    if (fs::create_directory(path_, fault); fault) return fs_error("making " + path_, fault);
    fs::permissions(path_, fs::perms::owner_all, fault);
    if (fs::copy_file(file, data_file(), fault); fault) return fs_error("copying " + file, fault);
    fs::permissions(data_file(), fs::perms::owner_read | fs::perms::owner_write, fault);
    if (fault) return fs_error("closing the copy to others", fault);
    return sync(data_file());
  }

 private:
  std::string path_;
};

Result<Done> check_whole(const Stage& stage) {
  std::error_code fault;
  const std::uintmax_t bytes = fs::file_size(stage.data_file(), fault);
  if (fault) return fs_error("measuring the copy", fault);
  if (bytes == 0) return Error{TOKMAN_E_STORE, "it is empty"};
  const auto environment = open_environment({.folder = stage.path()});
  if (!environment.ok()) return environment.error();
  const Result<std::size_t> needed = file_bytes_needed(environment.value());
  if (!needed.ok()) return needed.error();
  if (bytes >= needed.value()) return Done{};
  return Error{TOKMAN_E_STORE, "it was cut short: it has " + std::to_string(bytes) + " of " +
                                   std::to_string(needed.value()) + " bytes"};
}

// Gives the path of the replaced store.
Result<std::string> put_in_place(const Stage& stage, const Restore& restore) {
  const std::string current = restore.folder + kDataFile;
  std::string replaced =
      current + ".replaced-" + std::to_string(restore.now.time_since_epoch().count());
  if (link(current.c_str(), replaced.c_str()) != 0) {
    if (errno != ENOENT) return system_error("keeping " + current + " as " + replaced);
    replaced.clear();
  }
  if (rename(stage.data_file().c_str(), current.c_str()) != 0) {
    return system_error("replacing " + current);
  }
  if (Result<Done> synced = sync(restore.folder); !synced.ok()) return synced.error();
  return replaced;
}

}  // namespace

Result<std::string> restore_store(const Restore& restore, const Database::StoreKeys& keys) {
  const Result<Fd> lock = lock_folder(restore.folder);
  if (!lock.ok()) return lock.error();
  const Stage stage(restore.folder);
  if (Result<Done> taken = stage.take_copy(restore.file); !taken.ok()) return taken.error();
  Result<Done> checked = check_whole(stage);
  if (checked.ok()) checked = Database::check(stage.path(), keys);
  if (!checked.ok()) return within(restore.file, checked.error());
  return put_in_place(stage, restore);
}

}  // namespace tokman
