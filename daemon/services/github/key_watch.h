#pragma once
// Looks after the apps' keys, so that a new one is found, proven and used without a reload.
//
// Every 15 s, and when it is told to: the signer reads its keys again; each key that GitHub has not
// accepted is proven with GET /app, off every request's path, at growing intervals; and where a
// configured key is accepted, the signer drops those that were replaced.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/services/github/github_client.h"

namespace tokman {

class KeyWatch {
 public:
  static constexpr std::chrono::seconds kInterval{15};

  struct World {  // REQUIRES: all outlive this object.
    Signer& signer;
    AppJwts& jwts;
    GithubClient& github;
    const Clock& clock;
    Timers& timers;
    Log& log;
    std::function<const std::vector<AppConfig>&()> apps;
    // A key of the app that was not accepted before is now.
    std::function<void(const std::string& app)> on_accepted;
  };

  explicit KeyWatch(World world) : world_(std::move(world)) {}

  // At once, and from then on every 15 s.
  void look();

 private:
  using KeyName = std::pair<std::string, std::string>;  // App and fingerprint.

  void on_refreshed(const Result<Done>& refreshed);
  void prove_keys(const AppConfig& app);
  void on_proven(const KeyName& key, const Result<AppInfo>& told);
  void drop_replaced(const std::string& app);

  World world_;
  OperationPtr timer_;
  OperationPtr refreshing_;
  std::map<KeyName, OperationPtr> proofs_;
  std::map<std::string, OperationPtr> drops_;  // By app.
};

}  // namespace tokman
