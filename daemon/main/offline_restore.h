#pragma once
// Puts a backup in the place of the store: `tokmand --restore FILE`.
#include <string>

namespace tokman {

struct OfflineRestoreOptions {
  std::string config_path;
  std::string file;
};

// Says what was done, or why nothing was; gives the exit status (an error's number).
int run_offline_restore(const OfflineRestoreOptions& options);

}  // namespace tokman
