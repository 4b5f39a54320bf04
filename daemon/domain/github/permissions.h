#pragma once
// What an installation token may do: GitHub's permission names, each with a level.
//
// Levels are ordered, read < write < admin: a level covers those below it. The names are not
// checked against a list, because GitHub adds to it:
// https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "libtokman/base/result.h"

namespace tokman {

enum class AccessLevel : std::uint8_t { read = 1, write = 2, admin = 3 };

std::optional<AccessLevel> parse_access_level(std::string_view text);
std::string_view access_level_name(AccessLevel level);

class Permissions {
 public:
  Permissions() = default;

  // Refuses, by name, an unknown level or a name that is not lower case letters, digits and '_'.
  static Result<Permissions> parse(const std::map<std::string, std::string>& levels);

  bool empty() const { return levels_.empty(); }
  const std::map<std::string, AccessLevel, std::less<>>& levels() const { return levels_; }
  void set(std::string_view name, AccessLevel level);

  // Whether `name` at `level` is within these. metadata:read comes with every other permission,
  // as it does at GitHub.
  bool cover(std::string_view name, AccessLevel level) const;

  std::map<std::string, std::string> to_text() const;  // {"contents": "read"}
  std::string to_string() const;                       // "contents:read,issues:write"

  bool operator==(const Permissions&) const = default;

 private:
  std::map<std::string, AccessLevel, std::less<>> levels_;
};

}  // namespace tokman
