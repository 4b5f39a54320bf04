#pragma once
// What policy has allowed one caller to get, and what it gets.
#include <chrono>
#include <string>
#include <vector>

#include "daemon/domain/config/config.h"
#include "daemon/domain/tokens/renewal_policy.h"
#include "daemon/domain/tokens/token_cache.h"
#include "daemon/domain/tokens/token_key.h"
#include "daemon/services/tokens/token_answer.h"

namespace tokman {

struct TokenOrder {
  AppConfig app;
  std::string owner;
  std::vector<std::string> repositories;  // In normal form; empty: the whole installation.
  Permissions permissions;
  NeededLife life;
  std::chrono::milliseconds timeout{};
  std::string holder;     // Who alone shall have it; "" for a token that is shared.
  int priority = 0;       // Among those who wait for a mint.
  std::string principal;  // Who is charged with the mint,
  std::int64_t mints_per_minute = kNoBound;  // and how many it may cause.

  std::string target() const {
    return repositories.size() == 1 ? owner + "/" + repositories.front() : owner;
  }
  std::string key_at(std::int64_t installation_id) const {
    return make_token_key(
        {app.api_base, app.name, installation_id, holder, repositories, permissions});
  }
};

struct Served {
  CacheEntryPtr entry;  // Its token is the one served.
  TokenSource source = TokenSource::cache;
};

}  // namespace tokman
