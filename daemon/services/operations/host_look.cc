#include "daemon/services/operations/host_look.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "daemon/platform/linux/user_names.h"
#include "daemon/services/config/config_loader.h"

namespace tokman {
namespace {

// "" if it cannot be read: /proc has no sizes, and processes come and go.
std::string proc_text(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::optional<HostFacts::Socket> look_at_socket(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return std::nullopt;
  const auto name = find_group_name(status.st_gid);
  return HostFacts::Socket{status.st_mode & 0777, name.value_or(std::to_string(status.st_gid))};
}

std::optional<std::int64_t> store_size(const std::string& folder) {
  struct stat status {};
  if (stat((folder + "/data.mdb").c_str(), &status) != 0) return std::nullopt;
  return status.st_blocks * 512;  // What it takes on the disk: the file has holes.
}

}  // namespace

HostFacts look_at_host(const HostLook& look, const Config& config) {
  HostFacts facts;
  for (const auto& problem : load_config(look.config_path, ConfigReader::daemon).problems) {
    facts.config_problems.push_back(to_string(problem));
  }
  facts.socket = look_at_socket(config.daemon.socket);
  facts.store_error = look.store_error;
  facts.store_bytes = store_size(config.daemon.state_directory);
  if (look.signer_pid > 0) {
    const std::string folder = "/proc/" + std::to_string(look.signer_pid);
    facts.signer.status = proc_text(folder + "/status");
    facts.signer.networks = proc_text(folder + "/net/dev");
  }
  facts.own_networks = proc_text("/proc/self/net/dev");
  return facts;
}

}  // namespace tokman
