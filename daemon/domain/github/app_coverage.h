#pragma once
// Which apps cover a target, as far as GitHub has said, and which app that makes of several.
//
// That an app covers a target is believed for an hour, that it does not for a minute; both beyond
// that while GitHub cannot be asked again.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/ports.h"

namespace tokman {

class AppCoverage {
 public:
  using Target = std::pair<std::string, std::string>;  // Owner, and repository or "".
  using Standing = Result<Done>;                       // Done if it covers, or why it does not.

  // What was learned; none if that is too old.
  std::optional<Standing> find(const std::string& app, const Target& target, Instant now) const;

  // Takes in what GitHub answered now. A failure in passing teaches nothing: what was known
  // before counts on. Gives what is to be believed.
  Standing learn(const std::string& app, const Target& target, const Standing& answer, Instant now);

  // After GitHub has contradicted something of this owner, or might.
  void forget_owner(const std::string& owner);
  void forget_all() { known_.clear(); }

 private:
  struct Known {
    Standing standing;
    Instant learned_at;
  };
  std::map<std::pair<Target, std::string>, Known> known_;  // By target and app.
};

struct AppStanding {
  std::string app;
  AppCoverage::Standing standing;
};

// The only app that covers the target. APP_NOT_INSTALLED if none does, INVALID_ARGUMENT (field
// "app") if several do; while it is not known of each, the failure that keeps it from being known,
// because the choice must not depend on who could be asked. REQUIRES: not empty.
Result<std::string> choose_app(const std::vector<AppStanding>& apps, const std::string& target);

}  // namespace tokman
