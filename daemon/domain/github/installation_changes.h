#pragma once
// What happened to an app's installations, told by comparing one list of them with the next.
//
// For whoever gets no webhooks: each difference is the event that GitHub would have sent. A part of
// the list (those that changed lately) tells what changed; only a whole one tells what is gone.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/github/webhook_event.h"

namespace tokman {

struct ListedInstallation {
  std::int64_t id = 0;
  std::string owner = {};  // In lower case.
  UnixTime updated_at{};
  bool is_suspended = false;
};

class InstallationChanges {
 public:
  // Seen for the first time, it counts as created, or as suspended if it is.
  std::optional<WebhookEvent> see(const ListedInstallation& listed);

  // Those not seen since the last time are deleted. REQUIRES: see() was told of a whole list.
  std::vector<WebhookEvent> end_whole_list();

  std::size_t size() const { return seen_.size(); }
  UnixTime newest() const { return newest_; }  // The last change seen, on GitHub's clock.

 private:
  struct Seen {
    ListedInstallation listed;
    bool is_in_this_list = true;
  };

  std::map<std::int64_t, Seen> seen_;  // By id.
  UnixTime newest_{};
};

}  // namespace tokman
