#pragma once
// The environment variables that systemd sets, as tests can set them too.
#include <functional>
#include <optional>
#include <string>

namespace tokman {

struct Environment {
  std::function<std::optional<std::string>(const char* name)> get;
  std::function<void(const char* name)> unset;
};

// That of this process.
Environment process_environment();

}  // namespace tokman
