#pragma once
// Has GitHub revoke tokens, each until GitHub has confirmed it or the token has expired.
//
// A few at a time for each app. While GitHub fails in passing, one at a time after a pause, and
// other apps are not held up. A token that GitHub does not want to revoke, or whose app is not
// configured now, is tried again every minute.
#include <functional>
#include <map>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/tokens/due_queue.h"
#include "daemon/domain/tokens/retry_policy.h"
#include "daemon/services/github/github_client.h"
#include "daemon/services/store/revocation_store.h"

namespace tokman {

class RevocationDelivery {
 public:
  static constexpr std::size_t kAtOnce = 4;  // For each app.

  struct World {  // REQUIRES: all outlive this object.
    GithubClient& github;
    GithubTime& time;
    const Clock& clock;
    Timers& timers;
    Random& random;
    Log& log;
    // The app's present settings; none if the app is gone.
    std::function<const AppConfig*(const std::string& name)> find_app;
  };
  // Called once for each token, when it is dead.
  using OnDead = std::function<void(const CondemnedToken&)>;

  RevocationDelivery(World world, OnDead on_dead)
      : world_(std::move(world)), on_dead_(std::move(on_dead)) {}
  RevocationDelivery(const RevocationDelivery&) = delete;
  RevocationDelivery& operator=(const RevocationDelivery&) = delete;

  // Nothing happens if it is on its way already. Does not call back before it has returned.
  void add(CondemnedToken token);

  bool is_pending(const std::string& fingerprint) const { return app_of_.contains(fingerprint); }
  std::size_t pending() const { return app_of_.size(); }

  // For shutdown: starts nothing more. What is pending stays in the store.
  void stop();

 private:
  // The tokens of one app.
  struct Lane {
    std::map<std::string, CondemnedToken> tokens;  // By fingerprint.
    DueQueue due;
    std::map<std::string, OperationPtr> asking;
    RetryPolicy retry;
    bool is_failing = false;
    Instant not_before{};
    OperationPtr timer;
  };

  void go_on(const std::string& app);
  void ask(Lane& lane, const CondemnedToken& token);
  void on_answer(const std::string& app, const std::string& fingerprint,
                 const Result<Done>& answer);
  void try_later(Lane& lane, const CondemnedToken& token, const Error& error);
  void finish(Lane& lane, const std::string& fingerprint);

  World world_;
  OnDead on_dead_;
  bool is_stopped_ = false;
  std::map<std::string, Lane> lanes_;          // By app.
  std::map<std::string, std::string> app_of_;  // By fingerprint.
};

}  // namespace tokman
