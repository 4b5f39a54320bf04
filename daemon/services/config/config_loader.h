#pragma once
// The configuration from the disk: a file, then conf.d/*.toml beside it in the order of their
// names, 1 MiB each at most.
//
// Looks also at what the configuration points to: files of keys must be there, be readable and be
// kept from others. Secrets are not opened here.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/domain/config/config_builder.h"

namespace tokman {

// Which process asks: each looks at the files that it will open. tokmand also looks at the private
// keys if the signer is its child, which runs with the same rights.
enum class ConfigReader : bool { daemon, signer };

struct LoadedConfig {
  std::shared_ptr<const Config> config;  // nullptr if and only if there are problems.
  std::vector<ConfigProblem> problems;   // All of them, by file and line.
};

LoadedConfig load_config(const std::string& path, ConfigReader reader);

// One file's text; nothing on the disk is looked at.
LoadedConfig parse_config_text(std::string_view text, const std::string& file);

}  // namespace tokman
