#include "daemon/main/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "daemon/base/version.h"
#include "daemon/main/daemon.h"
#include "daemon/main/offline_doctor.h"
#include "daemon/main/offline_restore.h"
#include "daemon/platform/linux/hardening.h"
#include "daemon/platform/linux/open_files.h"
#include "daemon/services/config/config_loader.h"
#include "libtokman/json/value.h"

namespace tokman {
namespace {

struct Options {
  std::string config_path = "/etc/tokman/tokman.toml";
  bool checks_only = false;
  bool examines = false;
  std::string backup;  // To be restored; "": none.
};

int exit_status(const Error& error) { return -error.code; }

int report_problems(const std::vector<ConfigProblem>& problems) {
  for (const ConfigProblem& problem : problems) {
    fmt::print(stderr, "{}\n", to_string(problem));
  }
  fmt::print(stderr, "tokmand: {} problem{} found; nothing was started\n", problems.size(),
             problems.size() == 1 ? "" : "s");
  return -TOKMAN_E_CONFIGURATION;
}

// The signer is installed beside the daemon.
std::string signer_program() {
  std::error_code fault;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", fault);
  return (fault ? std::filesystem::path("/usr/sbin") : own.parent_path()) / "tokman-signer";
}

Result<Done> prepare_process() {
  if (Result<Done> done = raise_open_files_limit(); !done.ok()) return done;
  if (Result<Done> done = forbid_new_privileges(); !done.ok()) return done;
  if (Result<Done> done = forbid_memory_dumps(); !done.ok()) return done;
  return refuse_mapped_users();
}

int serve(const Options& options, std::shared_ptr<const Config> config,
          std::span<const Interface> interfaces) {
  LineWriter lines(STDERR_FILENO);
  Log log(lines, config->daemon.log_level);
  if (Result<Done> prepared = prepare_process(); !prepared.ok()) {
    log.error("cannot start", {{"error", prepared.error().message}});
    return exit_status(prepared.error());
  }
  auto daemon =
      Daemon::start({options.config_path, signer_program()}, std::move(config), interfaces, lines);
  if (!daemon.ok()) {
    log.error("cannot start", {{"error", daemon.error().message}});
    return exit_status(daemon.error());
  }
  daemon.value()->run();
  return 0;
}

// With the rights that the daemon would have.
int examine(const Options& options) {
  if (Result<Done> prepared = prepare_process(); !prepared.ok()) {
    fmt::print(stderr, "tokmand: {}\n", prepared.error().message);
    return exit_status(prepared.error());
  }
  return run_offline_doctor({options.config_path, signer_program()});
}

// Likewise: the store belongs to the user that the daemon runs as.
int restore(const Options& options) {
  if (Result<Done> prepared = prepare_process(); !prepared.ok()) {
    fmt::print(stderr, "tokmand: {}\n", prepared.error().message);
    return exit_status(prepared.error());
  }
  return run_offline_restore({options.config_path, options.backup});
}

}  // namespace

int run_tokmand(int argc, char** argv, std::span<const Interface> interfaces) {
  json::install_wiping_allocator();
  Options options;
  CLI::App app("Hands GitHub App installation tokens to the processes of this host.", "tokmand");
  app.set_version_flag("--version", std::string("tokmand ") + kVersion);
  app.add_option("--config", options.config_path, "The configuration file")->capture_default_str();
  app.add_flag("--check-config", options.checks_only,
               "Say what is wrong with the configuration, and do nothing else");
  app.add_flag(
      "--doctor", options.examines,
      "Look at everything, say what is wrong and what to do, and do nothing else; the "
      "exit status is 0 if all is good, 1 if something is doubtful, 2 if something is bad");
  app.add_option("--restore", options.backup,
                 "Put this backup in the place of the store, which is kept under another name, and "
                 "do nothing else")
      ->type_name("FILE");
  CLI11_PARSE(app, argc, argv);

  if (options.examines) return examine(options);
  if (!options.backup.empty()) return restore(options);
  LoadedConfig loaded = load_config(options.config_path, ConfigReader::daemon);
  if (!loaded.config) return report_problems(loaded.problems);
  if (options.checks_only) {
    fmt::print("{}: no problems found\n", options.config_path);
    return 0;
  }
  return serve(options, std::move(loaded.config), interfaces);
}

}  // namespace tokman
