#pragma once
// Raw configuration in, typed and checked configuration out, with everything that is wrong.
//
// Pure: what is on the disk is not looked at (daemon/services/config/config_loader.h does that).
#include <string>
#include <vector>

#include "daemon/base/raw_config.h"
#include "daemon/domain/config/config.h"

namespace tokman {

struct ConfigDraft {
  Config config;  // If there are problems: as much as could be read, not to be used.
  std::vector<ConfigProblem> problems;
};

// Merges the files in their order as config_layers.h says, and builds the result.
// REQUIRES: at least one file; each a RawTable.
ConfigDraft build_config(const std::vector<RawValue>& files);

// By file and line.
void sort_problems(std::vector<ConfigProblem>& problems);

// "tokman.toml:12: unknown key 'soket'; did you mean 'socket'?"
std::string to_string(const ConfigProblem& problem);

}  // namespace tokman
