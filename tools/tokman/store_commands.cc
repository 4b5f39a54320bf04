// backup, restore.
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "libtokman/base/fd.h"
#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"

namespace tokman {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kBackupTimeoutMs = 10 * 60 * 1000;

Error system_failure(const std::string& doing) {
  return Error{TOKMAN_E_SYSTEM, doing + ": " + strerrordesc_np(errno)};
}

// A file with a name of its own beside the one that it is to become; gone unless it did.
class NewFile {
 public:
  explicit NewFile(std::string path)
      : path_(std::move(path)),
        made_as_(path_ + ".XXXXXX"),
        fd_(mkostemp(made_as_.data(), O_CLOEXEC)) {}
  ~NewFile() {
    if (fd_.valid()) unlink(made_as_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  const Fd& fd() const { return fd_; }

  // It is on disk, whole, and under its name. Replaces no file.
  Result<Done> keep() const {
    if (fsync(fd_.get()) != 0) return system_failure("writing " + path_);
    if (link(made_as_.c_str(), path_.c_str()) != 0) return system_failure("making " + path_);
    const fs::path folder = fs::path(path_).parent_path();
    const Fd opened(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened.valid() || fsync(opened.get()) != 0) return system_failure("writing " + path_);
    return Done{};
  }

 private:
  std::string path_;
  std::string made_as_;
  Fd fd_;
};

// It is installed beside this program, or in sbin beside bin.
std::string find_tokmand() {
  std::error_code fault;
  const fs::path folder = fs::read_symlink("/proc/self/exe", fault).parent_path();
  const fs::path beside = folder / "tokmand";
  return fs::exists(beside, fault) ? beside : folder.parent_path() / "sbin" / "tokmand";
}

}  // namespace

Result<int> run_backup(const Options& options) {
  const NewFile file(options.file);
  if (!file.fd().valid()) return system_failure("making " + options.file);
  Options patient = options;
  if (!patient.timeout_ms) patient.timeout_ms = kBackupTimeoutMs;
  const auto reply = call_with_file(patient, "io.tokman.Daemon.Backup", file.fd().get());
  if (!reply.ok()) return reply.error();
  if (Result<Done> kept = file.keep(); !kept.ok()) return kept.error();
  if (options.json) return print_json(reply.value());
  return print_line(shown_member(reply.value(), "bytes") + " bytes written to " + options.file);
}

// tokmand can read the keys, and this program cannot.
Result<int> run_restore(const Options& options) {
  const std::string tokmand = find_tokmand();
  const char* arguments[] = {tokmand.c_str(), "--restore", options.file.c_str(),
                             nullptr,         nullptr,     nullptr};
  if (options.config) {
    arguments[3] = "--config";
    arguments[4] = options.config->c_str();
  }
  execv(tokmand.c_str(), const_cast<char* const*>(arguments));
  return system_failure("starting " + tokmand);
}

}  // namespace tokman
