#include "daemon/services/events/event_actions.h"

namespace tokman {
namespace {

constexpr std::size_t kLooksMax = 64;

std::string name_of(const WebhookEvent& event) { return event.event + "." + event.action; }

}  // namespace

bool EventActions::apply(const AppConfig& app, const WebhookEvent& event,
                         std::string_view told_by) {
  const auto actions = actions_for(event.event, event.action);
  if (actions.empty()) return false;
  std::string names;
  for (const CacheAction action : actions) {
    if (!names.empty()) names += ' ';
    names += cache_action_name(action);
    act(action, app, event);
  }
  world_.app_choice.forget_all();
  world_.log.info("event applied", {{"app", app.name},
                                    {"event", name_of(event)},
                                    {"owner", event.owner},
                                    {"installation", event.installation_id},
                                    {"actions", names},
                                    {"told_by", std::string(told_by)}});
  return true;
}

void EventActions::act(CacheAction action, const AppConfig& app, const WebhookEvent& event) {
  const TokenSelection of_installation{app.name, event.installation_id};
  switch (action) {
    case CacheAction::learn_installation:
      if (!event.owner.empty()) {
        world_.installations.learn(app, event.owner, event.installation_id);
      }
      return;
    case CacheAction::forget_installation:
      if (world_.installations.known_id(app, event.owner) == event.installation_id) {
        world_.installations.forget(app, event.owner);
      }
      return;
    case CacheAction::forget_former_owner:
      return world_.installations.forget(app, event.former_owner);
    case CacheAction::drop_tokens:
      return world_.broker.drop(of_installation, name_of(event));
    case CacheAction::drop_tokens_of_repositories:
      return world_.broker.drop({app.name, event.installation_id, event.repositories},
                                name_of(event));
    case CacheAction::drop_tokens_of_former_owner:
      return drop_tokens_of_former_owner(app, event);
    case CacheAction::renew_tokens:
      return world_.broker.renew_on_use(of_installation);
    case CacheAction::clear_refusals:
      return world_.broker.forget_refusals_of(app.name, event.owner);
    case CacheAction::look_again:
      return look_again(app, event);
  }
}

void EventActions::drop_tokens_of_former_owner(const AppConfig& app, const WebhookEvent& event) {
  const std::int64_t id = world_.installations.known_id(app, event.former_owner);
  if (id == 0) return;  // Then there are none.
  world_.broker.drop({app.name, id, event.repositories}, name_of(event));
}

void EventActions::look_again(const AppConfig& app, const WebhookEvent& event) {
  const Look look{app.name, event.installation_id};
  if (looks_.size() >= kLooksMax || looks_.contains(look)) return;  // The next caller will see.
  const std::string path = "/app/installations/" + std::to_string(event.installation_id);
  looks_[look] = world_.github.find_installation(
      app, path, [this, app, event, look](const Result<Installation>& seen) {
        const OperationPtr ended = std::move(looks_.extract(look).mapped());
        on_looked(app, event, seen);
      });
}

// What GitHub says of an installation that is not the owner's any more is no refusal of the owner.
void EventActions::on_looked(const AppConfig& app, const WebhookEvent& event,
                             const Result<Installation>& seen) {
  if (seen.ok() || event.owner.empty()) return;
  const tokman_error code = seen.error().code;
  const bool is_refusal =
      code == TOKMAN_E_INSTALLATION_SUSPENDED || code == TOKMAN_E_APP_NOT_INSTALLED;
  const std::int64_t known = world_.installations.known_id(app, event.owner);
  if (!is_refusal || (known != 0 && known != event.installation_id)) return;
  world_.broker.refuse_owner(app.name, event.owner, seen.error());
}

}  // namespace tokman
