#pragma once
// Reads the configuration again and puts it in force, for SIGHUP and Daemon.Reload.
//
// The happy path: read and check the files off the loop; replace the live configuration; let the
// signer read its keys anew, and prove those that are new; forget what GitHub refused.
//
// What can go wrong: the files have errors: the old configuration stays in force, the error is
// logged, answered and shown by Status. The signer cannot reload: that is the error, while the new
// policy is in force. Reloads asked for meanwhile get the same answer.
#include <functional>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/base/waiters.h"
#include "daemon/services/config/config_loader.h"
#include "daemon/services/github/app_choice.h"
#include "daemon/services/github/app_jwts.h"
#include "daemon/services/github/key_watch.h"
#include "daemon/services/operations/live_config.h"
#include "daemon/services/signer/signer.h"
#include "daemon/services/tokens/token_broker.h"

namespace tokman {

class ConfigReload {
 public:
  struct World {  // REQUIRES: all outlive this object.
    Background& background;
    LiveConfig& live;
    Signer& signer;
    AppJwts& jwts;
    KeyWatch& key_watch;
    AppChoice& app_choice;
    TokenBroker& broker;
    Log& log;
  };

  ConfigReload(const World& world, std::string config_path)
      : world_(world), config_path_(std::move(config_path)) {}

  using Outcome = Result<Done>;
  [[nodiscard]] OperationPtr start(std::function<void(const Outcome&)> callback);

  bool is_running() const { return step_ != nullptr; }

 private:
  void on_loaded(LoadedConfig loaded);
  void apply(std::shared_ptr<const Config> config);
  void on_signer_reloaded(const Result<Done>& reloaded);
  void finish(const Outcome& outcome);

  World world_;
  std::string config_path_;
  Waiters<Outcome> waiters_;
  OperationPtr step_;
};

}  // namespace tokman
