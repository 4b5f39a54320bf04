#pragma once
// A token from GitHub as the store keeps it, and its form there.
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/github/permissions.h"

namespace tokman {

struct StoredToken {
  SecretBytes token;
  std::string app;
  std::int64_t installation_id = 0;
  std::string owner;
  Permissions granted;
  std::vector<std::string> granted_repositories;  // Names, as GitHub wrote them.
  UnixTime expires_at{};
  UnixTime minted_at{};
  std::string fingerprint;
};

SecretBytes encode(const StoredToken& stored);
Result<StoredToken> decode_stored_token(const SecretBytes& bytes);

}  // namespace tokman
