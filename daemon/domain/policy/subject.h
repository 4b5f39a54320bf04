#pragma once
// Whom a call is judged as: the peer itself, or whom the credential that it presents stands for.
//
// A credential is judged alone. The grants of its owner count, never those of the peer, and its
// scopes are a bound: what it lacks, no grant gives it.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "daemon/domain/policy/peer_facts.h"
#include "daemon/domain/policy/scope.h"

namespace tokman {

// The highest priority by app, or "*" for every app.
using PriorityBounds = std::map<std::string, std::int64_t>;

struct Subject {
  enum class Kind : std::uint8_t {
    peer,    // The process at the other end.
    user,    // The user of an access token: its ids and groups, if it has an account here.
    client,  // A client: a grant must name it. The peer's facts can only narrow that.
  };

  Kind kind = Kind::peer;
  // Unit and program are always those of the process that calls.
  PeerFacts facts = {};
  std::string client = {};  // Its id.
  std::optional<ScopeNames> scope_bound = {};
  PriorityBounds max_priority = {};  // Of clients; who is not in it has 0.

  bool is_client() const { return kind == Kind::client; }
  bool may_use(std::string_view scope) const {
    return !scope_bound || scope_bound->contains(scope);
  }

  // The highest priority that the subject itself may ask for, whatever its grants allow.
  std::int64_t priority_bound(const std::string& app) const {
    if (!is_client()) return kPriorityUnbounded;
    return std::max(priority_in_row("*"), priority_in_row(app));
  }

  static constexpr std::int64_t kPriorityUnbounded = INT64_MAX;

 private:
  std::int64_t priority_in_row(const std::string& name) const {
    const auto row = max_priority.find(name);
    return row == max_priority.end() ? 0 : row->second;
  }
};

}  // namespace tokman
