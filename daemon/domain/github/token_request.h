#pragma once
// A request for a token in normal form: two requests that mean the same are equal.
//
// GitHub's names do not depend on letter case, so everything here is in lower case. Lists and
// maps must not be empty where GitHub would read "empty" as "all": leave them out instead.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/domain/github/permissions.h"
#include "libtokman/base/result.h"

namespace tokman {

inline constexpr std::chrono::seconds kMinLifetimeMax = std::chrono::minutes(55);
inline constexpr std::int64_t kPriorityMax = 1000;
inline constexpr std::size_t kRepositoriesMax = 500;  // GitHub's limit for one token.

// As the caller wrote it.
struct TokenParameters {
  std::string target;  // "owner/repo" or "owner"
  std::optional<std::string> app;
  std::optional<std::map<std::string, std::string>> permissions;
  std::optional<std::vector<std::string>> repositories;
  std::optional<std::int64_t> min_lifetime_s;
  std::optional<std::int64_t> priority = {};
  std::optional<std::string> rejected = {};
  std::optional<bool> exclusive = {};
};

struct TokenRequest {
  std::string owner;
  std::vector<std::string> repositories;  // Sorted, without the owner; empty: the installation.
  std::optional<std::string> app;
  std::optional<Permissions> permissions;  // None: those of the grant.
  std::optional<std::chrono::seconds> min_lifetime;
  int priority = 0;           // Who goes first where mints have to wait.
  std::string rejected;       // Fingerprint of the token that GitHub refused; "" if none.
  bool is_exclusive = false;  // For this caller alone.

  // "owner/repo" for one repository, else "owner": what people call the target.
  std::string target() const;
};

// Base64 of a SHA-256, the form of "hashed_token" in GitHub's audit log.
bool is_fingerprint(std::string_view text);

// Whether an account or a repository can be called so.
bool is_github_name(std::string_view name);

// Refuses by field name what GitHub's names cannot be, empty lists, and more than GitHub's limits.
Result<TokenRequest> normalize(const TokenParameters& parameters);

}  // namespace tokman
