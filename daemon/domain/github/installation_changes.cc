#include "daemon/domain/github/installation_changes.h"

#include <algorithm>
#include <utility>

namespace tokman {
namespace {

WebhookEvent event_of(const ListedInstallation& listed, const char* action) {
  return {.event = "installation",
          .action = action,
          .installation_id = listed.id,
          .owner = listed.owner};
}

WebhookEvent renamed(const ListedInstallation& listed, const std::string& former_owner) {
  WebhookEvent event = event_of(listed, "renamed");
  event.event = "installation_target";
  event.former_owner = former_owner;
  return event;
}

std::optional<WebhookEvent> difference(const ListedInstallation& before,
                                       const ListedInstallation& now) {
  if (before.owner != now.owner) return renamed(now, before.owner);
  if (before.is_suspended != now.is_suspended) {
    return event_of(now, now.is_suspended ? "suspend" : "unsuspend");
  }
  // Whether repositories or permissions have changed is not said: this clears up both.
  if (before.updated_at != now.updated_at) return event_of(now, "new_permissions_accepted");
  return std::nullopt;
}

}  // namespace

std::optional<WebhookEvent> InstallationChanges::see(const ListedInstallation& listed) {
  newest_ = std::max(newest_, listed.updated_at);
  const auto known = seen_.find(listed.id);
  if (known == seen_.end()) {
    seen_.emplace(listed.id, Seen{listed});
    return event_of(listed, listed.is_suspended ? "suspend" : "created");
  }
  const Seen before = std::exchange(known->second, Seen{listed});
  return difference(before.listed, listed);
}

std::vector<WebhookEvent> InstallationChanges::end_whole_list() {
  std::vector<WebhookEvent> gone;
  for (auto at = seen_.begin(); at != seen_.end();) {
    if (std::exchange(at->second.is_in_this_list, false)) {
      ++at;
    } else {
      gone.push_back(event_of(at->second.listed, "deleted"));
      at = seen_.erase(at);
    }
  }
  return gone;
}

}  // namespace tokman
