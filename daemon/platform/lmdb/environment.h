#pragma once
// Opens the folder with LMDB's two files, and refuses one that others can read or write.
//
// The folder is made if it is missing, mode 0700; the files have mode 0600 and are closed on exec.
// Slots of readers that died are freed. One process at a time may have it open: two daemons would
// mint everything twice. LMDB wants that a process opens a folder once only, and that a child made
// by fork() leaves it alone.
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"

struct MDB_env;

namespace tokman {

struct CloseEnvironment {
  Fd folder_lock;

  void operator()(MDB_env* environment) const noexcept;
};
using EnvironmentPtr = std::unique_ptr<MDB_env, CloseEnvironment>;

struct EnvironmentOptions {
  std::string folder;  // Its parent must be there.
  unsigned tables_max = 0;
  std::size_t map_bytes = 64 * 1024 * 1024;  // Address space, not memory; Store grows it.
};

Result<EnvironmentPtr> open_environment(const EnvironmentOptions& options);

// Where LMDB has mapped the file; none if the kernel does not tell. Changes with the map's size.
std::span<std::byte> find_map(const EnvironmentPtr& environment);

// Makes the folder if it is missing, and keeps every other process from opening it as long as the
// descriptor is open.
Result<Fd> lock_folder(const std::string& folder);

// How long the file must be at least to hold every page of its newest state. Reads none of them, so
// that a file that was cut short does no harm.
Result<std::size_t> file_bytes_needed(const EnvironmentPtr& environment);

// "<doing>: <what LMDB or the system says about `status`>", TOKMAN_E_STORE.
Error lmdb_error(const std::string& doing, int status);

}  // namespace tokman
