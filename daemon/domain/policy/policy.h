#pragma once
// Who may have what: judges callers and requests against the grants, and can say why.
//
// A caller's authority is the union of the grants that match it; without a match there is none.
// A request is allowed if every repository with every permission asked for is covered; it is never
// narrowed to fit. Pure functions: the same facts, request and grants give the same decision, so a
// decision may be remembered as long as the policy's generation has not changed.
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "daemon/domain/github/token_request.h"
#include "daemon/domain/limits/caller_budgets.h"
#include "daemon/domain/policy/grant.h"
#include "daemon/domain/policy/organization.h"
#include "daemon/domain/policy/subject.h"
#include "libtokman/base/result.h"

namespace tokman {

// How one grant was judged, by itself.
struct GrantVerdict {
  std::string grant;
  bool matches_caller = false;  // Its [match] holds: the caller may be told about it.
  std::string failed;           // The first condition that failed, in words; "" if none did.
};

// What a request may become.
struct Permit {
  std::string app;
  Permissions permissions;        // Asked for, or those of the first grant that covers the target.
  std::string grant;              // The grant that decided; "a+b" where it took several.
  std::int64_t max_priority = 0;  // The greatest of all grants that cover it.
};

class Policy {
 public:
  // REQUIRES: both outlive the policy.
  Policy(const std::vector<Grant>& grants, const Organizations& organizations)
      : grants_(grants), organizations_(organizations) {}

  // The grants that match a caller, in the order of the configuration. Uid 65534 and pid 0 are
  // nobody: nothing matches them. A grant that names no user, uid, group, gid or client matches
  // nobody.
  std::vector<const Grant*> matching(const Subject& subject) const;
  ScopeNames scopes_of(const Subject& subject) const;
  bool gives(const Subject& subject, Scope scope) const;

  // Whether any grant that matches says so; whatever else others give.
  bool is_blocked(const Subject& subject) const;
  // How much of this scope a caller may use: what the most generous of its grants gives. Without a
  // scope, of all its grants; none if it has no grant.
  std::optional<CallerLimits> limits_of(const Subject& subject, Scope scope) const;

  // Whether a grant gives the scope for this app. One that names no apps gives it for all.
  bool gives_app(const Subject& subject, Scope scope, const std::string& app) const;

  // A permit for each app that the request may be made with; never none. Where the request names
  // no app, it is that of the owner's organization, if it has one. DENIED says only that it was
  // denied and what was asked for: nothing about other callers' grants, nor about what exists.
  // NOT_FOUND (field "target"): the owner is none of the organizations; those that the caller's
  // grants reach are listed. DENIED (field "priority"): it is above what the grants that cover the
  // request allow, or the client's own bound. A permit is never without permissions: GitHub would
  // read that as all.
  Result<std::vector<Permit>> permits(const Subject& subject, const TokenRequest& request) const;

  // The one permit. INVALID_ARGUMENT (field "app") if there are several.
  Result<Permit> judge(const Subject& subject, const TokenRequest& request) const;

  // Every grant with its verdict on this caller and request, the nearest to a match first: the
  // one whose failing condition comes latest in the order caller, scope, app, target, permission,
  // priority.
  std::vector<GrantVerdict> verdicts(const Subject& subject, const TokenRequest& request) const;

 private:
  std::vector<const Grant*> giving(const Subject& subject, Scope scope) const;
  TokenRequest with_app(const TokenRequest& request) const;

  const std::vector<Grant>& grants_;
  const Organizations& organizations_;
};

}  // namespace tokman
