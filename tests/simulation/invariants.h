#pragma once
// What must be true at every moment of a simulated life, whatever happens in it.
//
// Knows what GitHub knows: which tokens there are, when each really ends, which were revoked.
#include <map>
#include <optional>
#include <set>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/services/tokens/token_order.h"
#include "tests/support/fake_http_client.h"

namespace tokman {

class Invariants {
 public:
  // ---- What happens ----
  void on_request(const HttpCall& call, Instant now);
  void on_answered(const HttpCall& call) { fetching_.erase(name_of(call)); }
  void on_minted(const std::string& fingerprint, UnixTime ends_at) { ends_[fingerprint] = ends_at; }
  void on_revoking(const std::string& fingerprint) { revoking_.insert(fingerprint); }
  void on_revoked(const std::string& fingerprint) { revoked_.insert(fingerprint); }
  // What was on its way is lost; what was confirmed is not.
  void on_crash();

  // ---- What must be true ----
  void check_served(const Served& served, const TokenOrder& order, UnixTime github_now);
  void check_answered_once(int answers);
  void check_deadline(Instant deadline, Instant now);
  void check_size(std::string_view what, std::size_t size, std::size_t size_max);
  void check_audited(bool is_audited);

  const std::optional<std::string>& violation() const { return violation_; }

 private:
  static std::string name_of(const HttpCall& call) { return call.url + " " + call.body; }
  void must_hold(bool condition, const std::string& what);

  std::set<std::string> fetching_;
  std::multiset<Instant> mints_;  // When each began.
  std::map<std::string, UnixTime> ends_;
  std::set<std::string> revoking_;
  std::set<std::string> revoked_;
  std::set<std::string> exclusive_;  // Given to one holder.
  std::optional<std::string> violation_;
};

}  // namespace tokman
