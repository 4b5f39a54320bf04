#pragma once
// Does what an event at GitHub means (domain/github/webhook_event.h), whoever told of it.
//
// Nothing here trusts an event further than to forget something or to look: after a suspension or
// the end of an installation GitHub is asked how it is, and only its own answer becomes a refusal.
// So an event that is old, or comes again, costs a look and changes nothing.
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/base/log.h"
#include "daemon/domain/github/webhook_event.h"
#include "daemon/services/github/app_choice.h"
#include "daemon/services/github/installation_directory.h"
#include "daemon/services/tokens/token_broker.h"

namespace tokman {

class EventActions {
 public:
  struct World {  // REQUIRES: all outlive this object.
    GithubClient& github;
    InstallationDirectory& installations;
    AppChoice& app_choice;
    TokenBroker& broker;
    Log& log;
  };

  explicit EventActions(const World& world) : world_(world) {}
  EventActions(const EventActions&) = delete;
  EventActions& operator=(const EventActions&) = delete;

  // False if the event means nothing here. `told_by` is for the log: "webhook" or "poll".
  bool apply(const AppConfig& app, const WebhookEvent& event, std::string_view told_by);

 private:
  using Look = std::pair<std::string, std::int64_t>;  // app, installation

  void act(CacheAction action, const AppConfig& app, const WebhookEvent& event);
  void drop_tokens_of_former_owner(const AppConfig& app, const WebhookEvent& event);
  void look_again(const AppConfig& app, const WebhookEvent& event);
  void on_looked(const AppConfig& app, const WebhookEvent& event, const Result<Installation>& seen);

  World world_;
  std::map<Look, OperationPtr> looks_;  // In progress.
};

}  // namespace tokman
