#include "daemon/domain/github/token_request.h"

#include <algorithm>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::size_t kNameBytesMax = 100;

Error invalid(std::string_view field, std::string message) {
  return Error{TOKMAN_E_INVALID_ARGUMENT, std::move(message), std::string(field)};
}

Result<Done> read_target(const std::string& target, TokenRequest& request) {
  const auto parts = split(target, '/');
  if (parts.size() > 2 || !std::all_of(parts.begin(), parts.end(), is_github_name)) {
    return invalid("target", "'target' must be \"owner/repository\" or \"owner\"");
  }
  request.owner = lower_case(parts[0]);
  if (parts.size() == 2) request.repositories.push_back(lower_case(parts[1]));
  return Done{};
}

Result<Done> read_repositories(const std::vector<std::string>& names, TokenRequest& request) {
  if (names.empty()) {
    return invalid("repositories", "'repositories' is empty: leave it out to mean the target");
  }
  for (const std::string& name : names) {
    if (!is_github_name(name)) {
      return invalid("repositories", "'repositories' must hold names without the owner");
    }
    request.repositories.push_back(lower_case(name));
  }
  auto& all = request.repositories;
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  if (all.size() <= kRepositoriesMax) return Done{};
  return invalid("repositories", "a token can name at most 500 repositories");
}

Result<Done> read_permissions(const std::map<std::string, std::string>& levels,
                              TokenRequest& request) {
  if (levels.empty()) {
    return invalid("permissions", "'permissions' is empty: leave it out to mean the grant's");
  }
  Result<Permissions> permissions = Permissions::parse(levels);
  if (!permissions.ok()) return permissions.error();
  request.permissions = std::move(permissions).value();
  return Done{};
}

Result<Done> read_min_lifetime(std::int64_t lifetime_s, TokenRequest& request) {
  if (lifetime_s < 0) return invalid("min_lifetime", "'min_lifetime' must not be negative");
  if (lifetime_s > kMinLifetimeMax.count()) {
    return Error{TOKMAN_E_LIFETIME_UNSATISFIABLE,
                 "'min_lifetime' is above 3300 s: GitHub's tokens live one hour", "min_lifetime"};
  }
  request.min_lifetime = std::chrono::seconds(lifetime_s);
  return Done{};
}

// An exclusive token is always a new one: there is nothing to reject.
Result<Done> read_rejected(const std::string& fingerprint, TokenRequest& request) {
  if (!is_fingerprint(fingerprint)) {
    return invalid("rejected", "'rejected' must be a token's fingerprint");
  }
  if (request.is_exclusive) {
    return invalid("rejected", "'rejected' makes no sense with 'exclusive': revoke that token");
  }
  request.rejected = fingerprint;
  return Done{};
}

Result<Done> read_priority(std::int64_t priority, TokenRequest& request) {
  if (priority < 0 || priority > kPriorityMax) {
    return invalid("priority", "'priority' must be from 0 to " + std::to_string(kPriorityMax));
  }
  request.priority = static_cast<int>(priority);
  return Done{};
}

}  // namespace

bool is_fingerprint(std::string_view text) {
  constexpr std::size_t kSize = 44;
  return text.size() == kSize && text.back() == '=' &&
         std::all_of(text.begin(), text.end() - 1, [](char letter) {
           return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                  (letter >= '0' && letter <= '9') || letter == '+' || letter == '/';
         });
}

// Also keeps "..", "?" and "%" out of the paths that are made from names.
bool is_github_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
  });
}

std::string TokenRequest::target() const {
  return repositories.size() == 1 ? owner + "/" + repositories.front() : owner;
}

Result<TokenRequest> normalize(const TokenParameters& parameters) {
  TokenRequest request;
  request.app = parameters.app;
  request.is_exclusive = parameters.exclusive.value_or(false);
  Result<Done> read = read_target(parameters.target, request);
  if (read.ok() && parameters.repositories) {
    read = read_repositories(*parameters.repositories, request);
  }
  if (read.ok() && parameters.permissions) {
    read = read_permissions(*parameters.permissions, request);
  }
  if (read.ok() && parameters.min_lifetime_s) {
    read = read_min_lifetime(*parameters.min_lifetime_s, request);
  }
  if (read.ok() && parameters.priority) read = read_priority(*parameters.priority, request);
  if (read.ok() && parameters.rejected) read = read_rejected(*parameters.rejected, request);
  if (!read.ok()) return read.error();
  return request;
}

}  // namespace tokman
