#include "daemon/main/offline_restore.h"

#include <fmt/format.h>

#include "daemon/main/store_keys.h"
#include "daemon/platform/linux/system_clock.h"
#include "daemon/services/config/config_loader.h"
#include "daemon/services/store/store_restore.h"

namespace tokman {
namespace {

Result<std::string> restore(const OfflineRestoreOptions& options, const Config& config) {
  const auto keys = read_store_keys(config);
  if (!keys.ok()) return keys.error();
  const Restore restore{options.file, config.daemon.state_directory, SystemClock().unix_now()};
  return restore_store(restore, keys.value());
}

}  // namespace

int run_offline_restore(const OfflineRestoreOptions& options) {
  const LoadedConfig loaded = load_config(options.config_path, ConfigReader::daemon);
  for (const ConfigProblem& problem : loaded.problems) {
    fmt::print(stderr, "{}\n", to_string(problem));
  }
  if (!loaded.config) return -TOKMAN_E_CONFIGURATION;
  const Result<std::string> replaced = restore(options, *loaded.config);
  if (!replaced.ok()) {
    fmt::print(stderr, "tokmand: nothing was restored: {}\n", replaced.error().message);
    return -replaced.error().code;
  }
  fmt::print("restored {} to {}\n", options.file, loaded.config->daemon.state_directory);
  if (!replaced.value().empty()) fmt::print("what was there is now {}\n", replaced.value());
  return 0;
}

}  // namespace tokman
