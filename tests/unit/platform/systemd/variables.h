#pragma once
// Environment variables that exist in one test only.
#include <map>
#include <optional>
#include <string>

#include "daemon/platform/systemd/environment.h"

namespace tokman {

struct Variables {
  Environment environment() {
    return {.get = [this](const char* name) -> std::optional<std::string> {
              const auto found = values.find(name);
              if (found == values.end()) return std::nullopt;
              return found->second;
            },
            .unset = [this](const char* name) { values.erase(name); }};
  }

  std::map<std::string, std::string> values;
};

}  // namespace tokman
