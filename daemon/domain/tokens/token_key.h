#pragma once
// The identity of a cached token: everything that makes two tokens different, and nothing else.
//
// Encoded with a length in front of each part, so that no two keys can ever run together, whatever
// the names contain. Repositories and permissions must be in normal form (TokenRequest's).
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/domain/github/permissions.h"

namespace tokman {

struct TokenIdentity {
  std::string api_base;  // App names and ids are unique per host only.
  std::string app;
  std::int64_t installation_id = 0;
  std::string holder = {};  // Who alone has it; "" if it is shared.
  std::vector<std::string> repositories;
  Permissions permissions;
};

std::string make_token_key(const TokenIdentity& identity);

// None if the text was not made by make_token_key().
std::optional<TokenIdentity> parse_token_key(std::string_view key);

}  // namespace tokman
