#pragma once
// The calls of GitHub's REST API that a GitHub App needs, one exchange each.
//
// https://docs.github.com/en/rest/apps/apps
// Answers are read leniently (members may be added, tokens are opaque) and checked for what tokman
// relies on. Nothing is repeated or remembered here: that is up to the flows above.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/config/config.h"
#include "daemon/domain/github/app_info.h"
#include "daemon/domain/github/rate_view.h"
#include "daemon/services/github/app_jwts.h"
#include "daemon/services/github/github_time.h"
#include "daemon/services/github/github_traffic.h"
#include "daemon/services/github/installation_list.h"

namespace tokman {

struct Installation {
  std::int64_t id = 0;
  std::string account;
};

struct MintRequest {
  std::int64_t installation_id = 0;
  std::vector<std::string> repositories;  // Without the owner; empty: all of the installation.
  Permissions permissions;
};

struct MintedToken {
  SecretBytes text;
  UnixTime expires_at;
  Permissions permissions;                // What GitHub really granted.
  std::vector<std::string> repositories;  // Names, where the token is for some only.
};

class GithubClient {
 public:
  // REQUIRES: all outlive this object and every Operation it gave.
  GithubClient(HttpClient& http, AppJwts& jwts, GithubTime& time, GithubTraffic& traffic)
      : http_(http), jwts_(jwts), time_(time), traffic_(traffic) {}

  // GET /app. With `only_key`, a fingerprint, no other key signs: whether GitHub takes it as the
  // app's.
  using OnAppInfo = std::function<void(const Result<AppInfo>&)>;
  [[nodiscard]] OperationPtr get_app(const AppConfig& app, OnAppInfo callback,
                                     const std::string& only_key = "");

  // GET `path`, one of /repos/{owner}/{repo}/installation, /orgs/{org}/installation,
  // /users/{user}/installation and /app/installations/{id}.
  using OnInstallation = std::function<void(Result<Installation>)>;
  [[nodiscard]] OperationPtr find_installation(const AppConfig& app, const std::string& path,
                                               OnInstallation callback);

  // GET `path`: installation_list_path(), or the `next` of the page before.
  using OnInstallationPage = std::function<void(const Result<InstallationPage>&)>;
  [[nodiscard]] OperationPtr list_installations(const AppConfig& app, const std::string& path,
                                                OnInstallationPage callback);

  // POST /app/installations/{id}/access_tokens
  using OnMinted = std::function<void(Result<MintedToken>)>;
  [[nodiscard]] OperationPtr mint(const AppConfig& app, const MintRequest& request,
                                  OnMinted callback);

  // DELETE /installation/token, with the token itself as credential. Done also if GitHub says that
  // it knows no such token: it is dead already.
  using OnRevoked = std::function<void(const Result<Done>&)>;
  [[nodiscard]] OperationPtr revoke(const AppConfig& app, const SecretBytes& token,
                                    OnRevoked callback);

  // GET /rate_limit as the token's installation: one window for each resource; none where the
  // server has no limits.
  using OnRateLimits = std::function<void(const Result<std::vector<RateWindow>>&)>;
  [[nodiscard]] OperationPtr rate_limits(const AppConfig& app, const SecretBytes& token,
                                         OnRateLimits callback);

 private:
  HttpClient& http_;
  AppJwts& jwts_;
  GithubTime& time_;
  GithubTraffic& traffic_;
};

// The bodies alone, for tests and fuzzers. `now` bounds what expires_at can be.
std::string mint_body(const MintRequest& request);
Result<MintedToken> parse_minted_token(std::string_view body);
Result<AppInfo> parse_app(std::string_view body);
Result<Installation> parse_installation(std::string_view body);
Result<std::vector<RateWindow>> parse_rate_limits(std::string_view body);
// "2026-11-21T20:04:41Z", the only form GitHub uses.
Result<UnixTime> parse_github_time(std::string_view text);

}  // namespace tokman
