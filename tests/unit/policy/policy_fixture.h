#pragma once
// Grants and a caller for the tests of Policy: user packit (1000) in its unit, app "ci".
#include <map>
#include <string>
#include <vector>

#include "daemon/domain/policy/policy.h"

namespace tokman {

struct PolicyFixture {
  std::vector<Grant> grants;
  Organizations organizations;  // None: all are served.
  PeerFacts peer = {.uid = 1000,
                    .gid = 100,
                    .groups = {100, 200},
                    .pid = 4711,
                    .has_pidfd = true,
                    .unit = "packit-worker@3.service",
                    .program = "/usr/bin/worker",
                    .user = "packit",
                    .group_names = {"users", "builders"}};

  // A grant for the caller, to be changed by the test.
  Grant& add_grant(const std::string& name, std::vector<std::string> targets = {"octo-org/hello"},
                   const std::map<std::string, std::string>& levels = {{"contents", "read"}}) {
    grants.push_back({.name = name,
                      .match = {.users = {"packit"}},
                      .scopes = {"github:token"},
                      .apps = {"ci"},
                      .targets = std::move(targets),
                      .permissions = Permissions::parse(levels).value()});
    return grants.back();
  }

  static TokenRequest request(const std::string& target,
                              std::optional<std::map<std::string, std::string>> levels = {},
                              std::optional<std::vector<std::string>> repositories = {}) {
    TokenParameters parameters;
    parameters.target = target;
    parameters.permissions = std::move(levels);
    parameters.repositories = std::move(repositories);
    return normalize(parameters).value();
  }

  Subject subject() const { return {.facts = peer}; }
  Policy policy() const { return {grants, organizations}; }
  Result<Permit> judge(const TokenRequest& asked) const { return policy().judge(subject(), asked); }
  bool allows(const TokenRequest& asked) const { return judge(asked).ok(); }
  bool matches() const { return !policy().matching(subject()).empty(); }
  std::string granted_by(const TokenRequest& asked) const {
    const Result<Permit> permit = judge(asked);
    return permit.ok() ? permit.value().grant : "";
  }
};

}  // namespace tokman
