#pragma once
// Which tokens something that happened at GitHub concerns: those of an app, of one installation,
// or those that reach certain repositories.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tokman {

struct TokenSelection {
  std::string app;
  std::optional<std::int64_t> installation_id = std::nullopt;  // None: all of the app's.
  // In lower case, without the owner. None given: whatever a token reaches. A token for the whole
  // installation reaches them all.
  std::vector<std::string> repositories = {};

  bool concerns(std::string_view token_app, std::int64_t token_installation,
                const std::vector<std::string>& token_repositories) const {
    if (token_app != app) return false;
    if (installation_id && token_installation != *installation_id) return false;
    if (repositories.empty() || token_repositories.empty()) return true;
    return std::any_of(
        token_repositories.begin(), token_repositories.end(), [this](const std::string& name) {
          return std::find(repositories.begin(), repositories.end(), name) != repositories.end();
        });
  }
};

}  // namespace tokman
