#include "daemon/platform/linux/cgroup.h"

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::string_view kVersion2 = "0::/";

std::optional<std::string_view> path_in_version_2(std::string_view cgroup_text) {
  for (std::string_view line : split(cgroup_text, '\n')) {
    if (line.starts_with(kVersion2)) return line.substr(kVersion2.size());
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> unit_of_cgroup(std::string_view cgroup_text) {
  const auto path = path_in_version_2(cgroup_text);
  if (!path || path->ends_with(" (deleted)")) return std::nullopt;
  for (std::string_view name : split(*path, '/')) {
    // systemd puts "_" before names that the kernel could take for its own files.
    if (name.starts_with('_')) name.remove_prefix(1);
    if (name.ends_with(".slice")) continue;
    if (name.ends_with(".service") || name.ends_with(".scope")) return std::string(name);
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace tokman
