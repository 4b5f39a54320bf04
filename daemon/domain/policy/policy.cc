#include "daemon/domain/policy/policy.h"

#include <algorithm>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr uid_t kOverflowId = 65534;  // What the kernel says for ids it cannot map.

template <class Values, class Fits>
bool any_if_given(const Values& values, Fits fits) {
  return values.empty() || std::any_of(values.begin(), values.end(), fits);
}

template <class Values, class Value>
bool contains(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool is_somebody(const GrantMatch&, const PeerFacts& peer) {
  return peer.uid != kOverflowId && peer.pid != 0;
}

bool names_identity(const GrantMatch& match, const PeerFacts&) {
  return !match.users.empty() || !match.uids.empty() || !match.groups.empty() ||
         !match.gids.empty();
}

bool user_fits(const GrantMatch& match, const PeerFacts& peer) {
  return any_if_given(match.users, [&](const std::string& user) { return peer.user == user; });
}

bool uid_fits(const GrantMatch& match, const PeerFacts& peer) {
  return any_if_given(match.uids, [&](uid_t uid) { return peer.uid == uid; });
}

bool group_fits(const GrantMatch& match, const PeerFacts& peer) {
  return any_if_given(match.groups,
                      [&](const std::string& group) { return contains(peer.group_names, group); });
}

bool gid_fits(const GrantMatch& match, const PeerFacts& peer) {
  return any_if_given(match.gids, [&](gid_t gid) {
    return gid != kOverflowId && (peer.gid == gid || contains(peer.groups, gid));
  });
}

bool unit_fits(const GrantMatch& match, const PeerFacts& peer) {
  return any_if_given(match.units, [&](const std::string& pattern) {
    return peer.unit && glob_matches(pattern, *peer.unit, '/');
  });
}

bool program_fits(const GrantMatch& match, const PeerFacts& peer) {
  return any_if_given(match.programs, [&](const std::string& pattern) {
    return peer.program && glob_matches(pattern, *peer.program, '/');
  });
}

// To add a condition: a member of GrantMatch, a row here, and a row in settings.h.
struct CallerCheck {
  bool (*passes)(const GrantMatch&, const PeerFacts&);
  std::string_view failed;
};
constexpr CallerCheck kCallerChecks[] = {
    {is_somebody, "the caller is nobody (uid 65534 or pid 0)"},
    {names_identity, "it names no user, uid, group or gid"},
    {user_fits, "the caller is another user"},
    {uid_fits, "the caller has another uid"},
    {group_fits, "the caller is in none of its groups"},
    {gid_fits, "the caller has none of its gids"},
    {unit_fits, "the caller is not in its unit"},
    {program_fits, "the caller is another program"},
};

// The number of checks that passed; all of them if the grant matches.
std::size_t caller_checks_passed(const Grant& grant, const PeerFacts& peer) {
  const auto failed =
      std::find_if(std::begin(kCallerChecks), std::end(kCallerChecks),
                   [&](const CallerCheck& check) { return !check.passes(grant.match, peer); });
  return static_cast<std::size_t>(failed - std::begin(kCallerChecks));
}

std::vector<std::string> targets_of(const TokenRequest& request) {
  if (request.repositories.empty()) return {request.owner};
  std::vector<std::string> targets;
  for (const std::string& name : request.repositories) {
    targets.push_back(request.owner + "/" + name);
  }
  return targets;
}

bool covers_target(const Grant& grant, const std::string& target) {
  return std::any_of(grant.targets.begin(), grant.targets.end(), [&](const std::string& pattern) {
    return glob_matches(pattern, target, '/');
  });
}

std::string gives_tokens(const Grant& grant, const TokenRequest&) {
  return grant.scopes.contains(Scope::github_token) ? "" : "it does not give github:token";
}

std::string covers_app(const Grant& grant, const TokenRequest& request) {
  if (!request.app || contains(grant.apps, *request.app)) return "";
  return "it does not allow the app '" + *request.app + "'";
}

std::string covers_targets(const Grant& grant, const TokenRequest& request) {
  for (const std::string& target : targets_of(request)) {
    if (!covers_target(grant, target)) return "it does not cover " + target;
  }
  return "";
}

std::string covers_permissions(const Grant& grant, const TokenRequest& request) {
  const Permissions& wanted = request.permissions ? *request.permissions : grant.permissions;
  if (wanted.empty()) return "no permissions are left to give";
  for (const auto& [name, level] : wanted.levels()) {
    if (grant.permissions.cover(name, level)) continue;
    return "it does not allow " + name + ":" + std::string(access_level_name(level));
  }
  return "";
}

std::string covers_priority(const Grant& grant, const TokenRequest& request) {
  if (request.priority <= grant.max_priority) return "";
  return "it allows a priority of " + std::to_string(grant.max_priority) + " at most";
}

// Each says what is missing, or "".
constexpr std::string (*kRequestChecks[])(const Grant&, const TokenRequest&) = {
    gives_tokens, covers_app, covers_targets, covers_permissions, covers_priority};

struct RankedVerdict {
  std::size_t checks_passed = 0;
  GrantVerdict verdict;
};

RankedVerdict rank(const Grant& grant, const PeerFacts& peer, const TokenRequest& request) {
  const std::size_t passed = caller_checks_passed(grant, peer);
  if (passed < std::size(kCallerChecks)) {
    return {passed, {grant.name, false, std::string(kCallerChecks[passed].failed)}};
  }
  RankedVerdict ranked{passed, {grant.name, true, ""}};
  for (const auto check : kRequestChecks) {
    ranked.verdict.failed = check(grant, request);
    if (!ranked.verdict.failed.empty()) break;
    ++ranked.checks_passed;
  }
  return ranked;
}

using Grants = std::vector<const Grant*>;

const Grant* find_covering(const Grants& grants, const std::string& target,
                           const std::string& permission, AccessLevel level) {
  const auto found = std::find_if(grants.begin(), grants.end(), [&](const Grant* grant) {
    return covers_target(*grant, target) && grant->permissions.cover(permission, level);
  });
  return found == grants.end() ? nullptr : *found;
}

// What several grants allow together: each permission on each target must be in one of them.
std::optional<Permit> combine(const Grants& grants, const TokenRequest& request) {
  if (!request.permissions || request.permissions->empty()) return std::nullopt;
  std::set<const Grant*> used;
  for (const std::string& target : targets_of(request)) {
    for (const auto& [name, level] : request.permissions->levels()) {
      const Grant* grant = find_covering(grants, target, name, level);
      if (grant == nullptr) return std::nullopt;
      used.insert(grant);
    }
  }
  Permit permit{.app = "", .permissions = *request.permissions, .grant = ""};
  for (const Grant* grant : grants) {
    if (!used.contains(grant)) continue;
    permit.max_priority = std::max(permit.max_priority, grant->max_priority);
    if (!permit.grant.empty()) permit.grant += '+';
    permit.grant += grant->name;
  }
  return permit;
}

// REQUIRES: every grant matches the caller, gives github:token and allows the app.
std::optional<Permit> find_permit(const Grants& grants, const TokenRequest& request) {
  std::optional<Permit> permit;
  for (const Grant* grant : grants) {
    if (!covers_targets(*grant, request).empty()) continue;
    if (!covers_permissions(*grant, request).empty()) continue;
    if (!permit) {
      permit = Permit{"", request.permissions.value_or(grant->permissions), grant->name};
    }
    permit->max_priority = std::max(permit->max_priority, grant->max_priority);
  }
  return permit ? permit : combine(grants, request);
}

std::vector<std::string> apps_of(const Grants& grants, const TokenRequest& request) {
  if (request.app) return {*request.app};
  std::vector<std::string> apps;
  for (const Grant* grant : grants) {
    for (const std::string& app : grant->apps) {
      if (!contains(apps, app)) apps.push_back(app);
    }
  }
  return apps;
}

Error denied(const TokenRequest& request) {
  std::string what = targets_of(request).front();
  if (request.repositories.size() > 1) {
    what += " and " + std::to_string(request.repositories.size() - 1) + " more";
  }
  if (request.permissions) what += " with " + request.permissions->to_string();
  return Error{TOKMAN_E_DENIED, "policy does not allow a token for " + what};
}

constexpr std::size_t kOrganizationsShown = 20;

bool reaches(const Grants& grants, const std::string& owner) {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant* grant) {
    return std::any_of(grant->targets.begin(), grant->targets.end(), [&](const auto& target) {
      return glob_matches(target.substr(0, target.find('/')), owner, '/');
    });
  });
}

Error not_served(const TokenRequest& request, const Grants& grants,
                 const Organizations& organizations) {
  std::vector<std::string> served;
  for (const auto& [owner, organization] : organizations) {
    if (reaches(grants, owner)) served.push_back(owner);
  }
  std::string others;
  if (served.size() > kOrganizationsShown) {
    others = " and " + std::to_string(served.size() - kOrganizationsShown) + " more";
    served.resize(kOrganizationsShown);
  }
  return Error{TOKMAN_E_NOT_FOUND,
               request.owner + " is none of the organizations configured here, which are: " +
                   join(served, ", ") + others,
               "target"};
}

std::int64_t highest_priority(const std::vector<Permit>& permits) {
  std::int64_t highest = 0;
  for (const Permit& permit : permits) highest = std::max(highest, permit.max_priority);
  return highest;
}

Error denied_priority(std::int64_t ceiling) {
  return Error{TOKMAN_E_DENIED,
               "policy allows a priority of " + std::to_string(ceiling) + " at most", "priority"};
}

Error ambiguous(const std::vector<Permit>& permits) {
  std::vector<std::string> apps;
  apps.reserve(permits.size());
  for (const Permit& permit : permits) apps.push_back(permit.app);
  return Error{TOKMAN_E_INVALID_ARGUMENT,
               "'app' is needed, because several would do: " + join(apps, ", "), "app"};
}

// No bound at all is the most generous.
std::int64_t most_generous(const Grants& grants, std::int64_t Grant::*limit) {
  std::int64_t most = 0;
  for (const Grant* grant : grants) {
    if (grant->*limit == 0) return 0;
    most = std::max(most, grant->*limit);
  }
  return most;
}

}  // namespace

std::vector<const Grant*> Policy::matching(const PeerFacts& peer) const {
  std::vector<const Grant*> matching;
  for (const Grant& grant : grants_) {
    if (caller_checks_passed(grant, peer) == std::size(kCallerChecks)) matching.push_back(&grant);
  }
  return matching;
}

CallerLimits Policy::limits_of(const PeerFacts& peer, Scope scope) const {
  Grants grants = matching(peer);
  std::erase_if(grants, [scope](const Grant* grant) { return !grant->scopes.contains(scope); });
  return {most_generous(grants, &Grant::requests_per_minute),
          most_generous(grants, &Grant::mints_per_minute)};
}

std::set<Scope> Policy::scopes_of(const PeerFacts& peer) const {
  std::set<Scope> scopes;
  for (const Grant* grant : matching(peer)) {
    scopes.insert(grant->scopes.begin(), grant->scopes.end());
  }
  return scopes;
}

bool Policy::gives_app(const PeerFacts& peer, Scope scope, const std::string& app) const {
  const Grants grants = matching(peer);
  return std::any_of(grants.begin(), grants.end(), [&](const Grant* grant) {
    return grant->scopes.contains(scope) && (grant->apps.empty() || contains(grant->apps, app));
  });
}

TokenRequest Policy::with_app(const TokenRequest& request) const {
  const auto organization = organizations_.find(request.owner);
  if (request.app || organization == organizations_.end() || organization->second.app.empty()) {
    return request;
  }
  TokenRequest settled = request;
  settled.app = organization->second.app;
  return settled;
}

Result<std::vector<Permit>> Policy::permits(const PeerFacts& peer,
                                            const TokenRequest& asked) const {
  const TokenRequest request = with_app(asked);
  Grants grants = matching(peer);
  std::erase_if(grants,
                [](const Grant* grant) { return !grant->scopes.contains(Scope::github_token); });
  std::vector<Permit> permits;
  for (const std::string& app : apps_of(grants, request)) {
    Grants with_app = grants;
    std::erase_if(with_app, [&](const Grant* grant) { return !contains(grant->apps, app); });
    std::optional<Permit> found = find_permit(with_app, request);
    if (!found) continue;
    found->app = app;
    permits.push_back(std::move(*found));
  }
  if (permits.empty()) return denied(request);
  const std::int64_t ceiling = highest_priority(permits);
  if (request.priority > ceiling) return denied_priority(ceiling);
  std::erase_if(permits,
                [&](const Permit& permit) { return permit.max_priority < request.priority; });
  if (!organizations_.empty() && !organizations_.contains(request.owner)) {
    return not_served(request, grants, organizations_);
  }
  return permits;
}

Result<Permit> Policy::judge(const PeerFacts& peer, const TokenRequest& request) const {
  Result<std::vector<Permit>> permits = this->permits(peer, request);
  if (!permits.ok()) return permits.error();
  if (permits.value().size() > 1) return ambiguous(permits.value());
  return std::move(permits.value().front());
}

std::vector<GrantVerdict> Policy::verdicts(const PeerFacts& peer,
                                           const TokenRequest& request) const {
  std::vector<RankedVerdict> ranked;
  ranked.reserve(grants_.size());
  for (const Grant& grant : grants_) ranked.push_back(rank(grant, peer, request));
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& left, const auto& right) {
    return left.checks_passed > right.checks_passed;
  });
  std::vector<GrantVerdict> verdicts;
  verdicts.reserve(ranked.size());
  for (RankedVerdict& each : ranked) verdicts.push_back(std::move(each.verdict));
  return verdicts;
}

}  // namespace tokman
