#pragma once
// Asks GitHub now and then what became of an app's installations, for webhooks that never came.
//
// https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app
// Only where an app has several: one is looked up again anyway when it is used. Most polls ask for
// what has changed since the last; once an hour the whole list is asked for, because it alone
// tells what is gone. Polls are a few minutes apart, with jitter; a failed one waits for the next.
#include <map>
#include <optional>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/github/installation_changes.h"
#include "daemon/services/events/event_actions.h"
#include "daemon/services/github/github_client.h"
#include "daemon/services/operations/live_config.h"

namespace tokman {

class InstallationPoll {
 public:
  struct World {  // REQUIRES: all outlive the poll.
    const LiveConfig& live;
    GithubClient& github;
    InstallationDirectory& installations;
    EventActions& actions;
    Log& log;
    const Clock& clock;
    Timers& timers;
    Random& random;
  };

  explicit InstallationPoll(const World& world) : world_(world) {}
  InstallationPoll(const InstallationPoll&) = delete;
  InstallationPoll& operator=(const InstallationPoll&) = delete;

  void start();

  // None if the app was never polled.
  std::optional<UnixTime> last_success(const std::string& app) const;

 private:
  struct Polled {
    InstallationChanges changes;
    Instant whole_list_due{};
    bool is_whole_list = false;
    int pages = 0;
    OperationPtr step;
    std::optional<UnixTime> last_success;
  };

  void on_due();
  void begin(const AppConfig& app, Polled& polled);
  void get_page(const AppConfig& app, Polled& polled, const std::string& path);
  void on_page(const std::string& app_name, const Result<InstallationPage>& page);
  void take(const AppConfig& app, Polled& polled, const ListedInstallation& listed);
  void finish(const AppConfig& app, Polled& polled);

  World world_;
  std::map<std::string, Polled> polled_;  // By app.
  OperationPtr timer_;
};

}  // namespace tokman
