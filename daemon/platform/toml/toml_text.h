#pragma once
// TOML text as raw configuration, every value with the line it stands in.
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/raw_config.h"

namespace tokman {

struct ParsedToml {
  RawValue root;  // A table; empty if there are problems.
  std::vector<ConfigProblem> problems;
};

// `file` is the name for complaints. A syntax error ends the parsing: there is one at most. Dates
// and times are refused, because no setting is one; so is nesting deeper than kTomlDepthMax.
inline constexpr int kTomlDepthMax = 16;
ParsedToml parse_toml(std::string_view text, const std::string& file);

}  // namespace tokman
