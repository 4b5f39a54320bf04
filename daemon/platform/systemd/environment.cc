#include "daemon/platform/systemd/environment.h"

#include <cstdlib>

namespace tokman {

Environment process_environment() {
  return {.get = [](const char* name) -> std::optional<std::string> {
            const char* value = ::getenv(name);
            if (value == nullptr) return std::nullopt;
            return value;
          },
          .unset = [](const char* name) { ::unsetenv(name); }};
}

}  // namespace tokman
