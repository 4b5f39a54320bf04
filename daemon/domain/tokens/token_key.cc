#include "daemon/domain/tokens/token_key.h"

#include "libtokman/base/text.h"

namespace tokman {
namespace {

void append_part(std::string& key, std::string_view part) {
  const auto size = static_cast<std::uint16_t>(part.size());  // Names are far below 64 KiB.
  key += static_cast<char>(size >> 8);
  key += static_cast<char>(size & 255);
  key += part;
}

std::optional<std::string_view> take_part(std::string_view& rest) {
  if (rest.size() < 2) return std::nullopt;
  const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(rest[0])) << 8 |
                           static_cast<unsigned char>(rest[1]);
  if (rest.size() - 2 < size) return std::nullopt;
  const std::string_view part = rest.substr(2, size);
  rest.remove_prefix(2 + size);
  return part;
}

std::optional<std::int64_t> take_number(std::string_view& rest) {
  const auto part = take_part(rest);
  return part ? parse_int(*part) : std::nullopt;
}

bool take_permission(std::string_view& rest, Permissions& permissions) {
  const auto name = take_part(rest);
  const auto level = take_part(rest);
  if (!name || !level || !parse_access_level(*level)) return false;
  permissions.set(*name, *parse_access_level(*level));
  return true;
}

}  // namespace

std::string make_token_key(const TokenIdentity& identity) {
  std::string key;
  append_part(key, identity.api_base);
  append_part(key, identity.app);
  append_part(key, std::to_string(identity.installation_id));
  append_part(key, identity.holder);
  append_part(key, std::to_string(identity.repositories.size()));
  for (const std::string& repository : identity.repositories) append_part(key, repository);
  for (const auto& [name, level] : identity.permissions.levels()) {
    append_part(key, name);
    append_part(key, access_level_name(level));
  }
  return key;
}

std::optional<TokenIdentity> parse_token_key(std::string_view whole) {
  std::string_view key = whole;
  TokenIdentity identity;
  const auto api_base = take_part(key);
  const auto app = take_part(key);
  const auto installation_id = take_number(key);
  const auto holder = take_part(key);
  const auto repositories = take_number(key);
  if (!api_base || !app || !installation_id || !holder || !repositories) return std::nullopt;
  identity.api_base = *api_base;
  identity.app = *app;
  identity.installation_id = *installation_id;
  identity.holder = *holder;
  for (std::int64_t i = 0; i < *repositories; ++i) {
    const auto repository = take_part(key);
    if (!repository) return std::nullopt;
    identity.repositories.emplace_back(*repository);
  }
  while (!key.empty()) {
    if (!take_permission(key, identity.permissions)) return std::nullopt;
  }
  if (make_token_key(identity) != whole) return std::nullopt;  // "0042", a permission twice, …
  return identity;
}

}  // namespace tokman
