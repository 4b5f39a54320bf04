#include "daemon/domain/policy/policy.h"

#include <algorithm>

#include "daemon/domain/policy/grant_match.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

template <class Values, class Value>
bool contains(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
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
  return grant.gives(Scope::github_token) ? "" : "it does not give github:token";
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

std::string within_own_priority(const Grant& grant, const Subject& subject,
                                const TokenRequest& request) {
  std::int64_t bound = 0;
  for (const std::string& app : grant.apps) {
    if (!request.app || *request.app == app) bound = std::max(bound, subject.priority_bound(app));
  }
  return request.priority <= bound ? "" : "the client may have less priority";
}

RankedVerdict rank(const Grant& grant, const Subject& subject, const TokenRequest& request) {
  const std::size_t passed = caller_checks_passed(grant.match, subject);
  const std::string_view failed = failed_caller_check(passed);
  RankedVerdict ranked{passed, {grant.name, failed.empty(), std::string(failed)}};
  if (!failed.empty()) return ranked;
  for (const auto check : kRequestChecks) {
    ranked.verdict.failed = check(grant, request);
    if (!ranked.verdict.failed.empty()) break;
    ++ranked.checks_passed;
  }
  if (ranked.verdict.failed.empty()) {
    ranked.verdict.failed = within_own_priority(grant, subject, request);
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

// Its grants would allow it; what was set for the client itself does not.
Error denied_to_client(const Subject& subject, const TokenRequest& request, std::int64_t bound) {
  return Error{TOKMAN_E_DENIED,
               "client '" + subject.client + "' may have a priority of " + std::to_string(bound) +
                   " at most" + (request.app ? " with the app '" + *request.app + "'" : ""),
               "priority"};
}

std::int64_t most_generous(const Grants& grants, std::int64_t Grant::*limit) {
  std::int64_t most = 0;
  for (const Grant* grant : grants) most = std::max(most, grant->*limit);
  return most;
}

}  // namespace

std::vector<const Grant*> Policy::matching(const Subject& subject) const {
  std::vector<const Grant*> matching;
  for (const Grant& grant : grants_) {
    if (matches(grant.match, subject)) matching.push_back(&grant);
  }
  return matching;
}

std::vector<const Grant*> Policy::giving(const Subject& subject, Scope scope) const {
  std::vector<const Grant*> grants;
  if (!subject.may_use(scope_name(scope))) return grants;
  for (const Grant& grant : grants_) {
    if (grant.gives(scope) && matches(grant.match, subject)) grants.push_back(&grant);
  }
  return grants;
}

bool Policy::gives(const Subject& subject, Scope scope) const {
  return subject.may_use(scope_name(scope)) &&
         std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
           return grant.gives(scope) && matches(grant.match, subject);
         });
}

bool Policy::is_blocked(const Subject& subject) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& grant) {
    return grant.requests_per_minute == 0 && matches(grant.match, subject);
  });
}

std::optional<CallerLimits> Policy::limits_of(const Subject& subject, Scope scope) const {
  const Grants grants = scope == Scope::none ? matching(subject) : giving(subject, scope);
  if (grants.empty()) return std::nullopt;
  return CallerLimits{most_generous(grants, &Grant::requests_per_minute),
                      most_generous(grants, &Grant::mints_per_minute)};
}

ScopeNames Policy::scopes_of(const Subject& subject) const {
  ScopeNames scopes;
  for (const Grant* grant : matching(subject)) {
    for (const std::string& scope : grant->scopes) {
      if (subject.may_use(scope)) scopes.insert(scope);
    }
  }
  return scopes;
}

bool Policy::gives_app(const Subject& subject, Scope scope, const std::string& app) const {
  const Grants grants = giving(subject, scope);
  return std::any_of(grants.begin(), grants.end(), [&](const Grant* grant) {
    return grant->apps.empty() || contains(grant->apps, app);
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

Result<std::vector<Permit>> Policy::permits(const Subject& subject,
                                            const TokenRequest& asked) const {
  const TokenRequest request = with_app(asked);
  const Grants grants = giving(subject, Scope::github_token);
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
  for (Permit& permit : permits) {
    permit.max_priority = std::min(permit.max_priority, subject.priority_bound(permit.app));
  }
  const std::int64_t bound = highest_priority(permits);
  if (request.priority > bound) return denied_to_client(subject, request, bound);
  std::erase_if(permits,
                [&](const Permit& permit) { return permit.max_priority < request.priority; });
  if (!organizations_.empty() && !organizations_.contains(request.owner)) {
    return not_served(request, grants, organizations_);
  }
  return permits;
}

Result<Permit> Policy::judge(const Subject& subject, const TokenRequest& request) const {
  Result<std::vector<Permit>> permits = this->permits(subject, request);
  if (!permits.ok()) return permits.error();
  if (permits.value().size() > 1) return ambiguous(permits.value());
  return std::move(permits.value().front());
}

std::vector<GrantVerdict> Policy::verdicts(const Subject& subject,
                                           const TokenRequest& request) const {
  std::vector<RankedVerdict> ranked;
  ranked.reserve(grants_.size());
  for (const Grant& grant : grants_) ranked.push_back(rank(grant, subject, request));
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& left, const auto& right) {
    return left.checks_passed > right.checks_passed;
  });
  std::vector<GrantVerdict> verdicts;
  verdicts.reserve(ranked.size());
  for (RankedVerdict& each : ranked) verdicts.push_back(std::move(each.verdict));
  return verdicts;
}

}  // namespace tokman
