#pragma once
// The rate limits of all installations, as far as they were seen.
//
// Callers tell what the answers to them said; on request GitHub is asked, once in ten seconds at
// most for each installation, however many want to know.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/waiters.h"
#include "daemon/domain/github/rate_view.h"
#include "daemon/services/github/github_client.h"
#include "daemon/services/github/github_time.h"

namespace tokman {

class RateLimits {
 public:
  // REQUIRES: all outlive this object and every Operation it gave.
  RateLimits(GithubClient& github, GithubTime& time, const Clock& clock)
      : github_(github), time_(time), clock_(clock) {}

  // Installation ids are unique for one GitHub.
  struct Place {
    const AppConfig& app;
    std::int64_t installation_id;
  };

  // INVALID_ARGUMENT for what no answer of GitHub could have said.
  Result<Done> observe(const Place& place, RateWindow window);

  std::vector<RateWindow> windows(const Place& place) const;

  // Asks GitHub with a token of that installation; afterwards windows() has what it said.
  using Asked = Result<Done>;
  [[nodiscard]] OperationPtr ask(const Place& place, const SecretBytes& token,
                                 std::function<void(const Asked&)> callback);
  // GitHub was asked just now.
  bool is_fresh(const Place& place) const;

 private:
  struct Installation {
    RateView view;
    std::optional<Instant> asked_at;
    Waiters<Asked> waiters;
    OperationPtr asking;
  };
  using Key = std::pair<std::string, std::int64_t>;  // api_base, id

  Installation& installation_at(const Place& place);
  void on_answer(Installation& installation, UnixTime now,
                 const Result<std::vector<RateWindow>>& answer);

  GithubClient& github_;
  GithubTime& time_;
  const Clock& clock_;
  std::map<Key, Installation> installations_;
};

}  // namespace tokman
