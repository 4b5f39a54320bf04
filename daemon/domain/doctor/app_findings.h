#pragma once
// What the doctor makes of one app: its keys, its GitHub, the clock there, and what it may do.
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/domain/config/config.h"
#include "daemon/domain/doctor/finding.h"
#include "daemon/domain/github/app_info.h"
#include "daemon/domain/github/key_choice.h"
#include "libtokman/base/result.h"

namespace tokman {

struct AppFacts {
  const AppConfig& app;

  std::vector<KnownKey> keys;  // As the signer and GitHub have told.

  Result<AppInfo> info;  // GET /app
  std::chrono::seconds clock_offset{};

  struct Installed {
    std::int64_t id = 0;
    std::string owner;
    bool is_suspended = false;
  };
  // None if they could not be listed; `is_whole` if there are no more of them.
  std::optional<std::vector<Installed>> installations;
  bool is_whole = true;
};

// All that can be said; what GitHub was not reached for is left out.
Findings judge_app(const Config& config, const AppFacts& facts);

// The parts of it.
Findings judge_keys(const AppFacts& facts);
Finding judge_reach(const AppFacts& facts);     // Address, TLS, proxy.
Finding judge_identity(const AppFacts& facts);  // REQUIRES: GitHub was reached.
Finding judge_clock(const AppFacts& facts);     // REQUIRES: likewise.
Findings judge_permissions(const Config& config, const AppFacts& facts);  // REQUIRES: info.ok().
Findings judge_installations(const Config& config, const AppFacts& facts);

}  // namespace tokman
