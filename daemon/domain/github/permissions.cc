#include "daemon/domain/github/permissions.h"

#include <algorithm>

namespace tokman {
namespace {

constexpr std::string_view kLevelNames[] = {"read", "write", "admin"};
constexpr std::size_t kNameBytesMax = 64;

bool is_permission_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char letter) {
           return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                  letter == '_';
         });
}

}  // namespace

std::optional<AccessLevel> parse_access_level(std::string_view text) {
  for (AccessLevel level : {AccessLevel::read, AccessLevel::write, AccessLevel::admin}) {
    if (text == access_level_name(level)) return level;
  }
  return std::nullopt;
}

std::string_view access_level_name(AccessLevel level) {
  return kLevelNames[static_cast<std::size_t>(level) - 1];
}

Result<Permissions> Permissions::parse(const std::map<std::string, std::string>& levels) {
  Permissions permissions;
  for (const auto& [name, text] : levels) {
    if (!is_permission_name(name)) {
      return Error{TOKMAN_E_INVALID_ARGUMENT, "'" + name + "' is no name of a permission",
                   "permissions"};
    }
    const auto level = parse_access_level(text);
    if (!level) {
      return Error{TOKMAN_E_INVALID_ARGUMENT,
                   "permission '" + name + "' must be read, write or admin", "permissions"};
    }
    permissions.levels_[name] = *level;
  }
  return permissions;
}

void Permissions::set(std::string_view name, AccessLevel level) {
  levels_.insert_or_assign(std::string(name), level);
}

bool Permissions::cover(std::string_view name, AccessLevel level) const {
  if (name == "metadata" && level == AccessLevel::read && !levels_.empty()) return true;
  const auto found = levels_.find(name);
  return found != levels_.end() && level <= found->second;
}

std::map<std::string, std::string> Permissions::to_text() const {
  std::map<std::string, std::string> text;
  for (const auto& [name, level] : levels_) text.emplace(name, access_level_name(level));
  return text;
}

std::string Permissions::to_string() const {
  std::string text;
  for (const auto& [name, level] : levels_) {
    if (!text.empty()) text += ',';
    text.append(name).append(":").append(access_level_name(level));
  }
  return text;
}

}  // namespace tokman
