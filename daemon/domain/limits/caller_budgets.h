#pragma once
// How often each principal may call, and cause a mint: at once what it has for a minute, then at
// that rate.
//
// It is the principal that is counted, not its connection: hanging up gives nothing back. A bounded
// number is remembered; when there are too many at once, those who come last share one budget.
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "daemon/domain/limits/rate_bucket.h"
#include "libtokman/base/result.h"

namespace tokman {

inline constexpr std::int64_t kNoBound = INT64_MAX;

// What the grants of a caller give together.
struct CallerLimits {
  std::int64_t requests_per_minute = kNoBound;
  std::int64_t mints_per_minute = kNoBound;
};

class CallerBudgets {
  struct Spent {
    RateBucket requests;
    RateBucket mints;
    std::size_t holders = 0;
  };

 public:
  explicit CallerBudgets(std::size_t principals_max) : principals_max_(principals_max) {}

  // One principal's, while somebody holds it; a connection does, to be spared the look-up.
  class Account {
   public:
    // REQUIRES: budgets outlives the account.
    Account(CallerBudgets& budgets, const std::string& principal, Instant now)
        : spent_(budgets.find(principal, now)) {
      ++spent_.holders;
    }
    ~Account() { --spent_.holders; }
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;

    // Each: none if it is within the limit, of at least 1; else how long it has to wait.
    std::optional<Instant::duration> request_wait(std::int64_t per_minute, Instant now) const {
      return wait(spent_.requests, per_minute, now);
    }
    std::optional<Instant::duration> mint_wait(std::int64_t per_minute, Instant now) const {
      return wait(spent_.mints, per_minute, now);
    }

    // What is left of a minute's requests. REQUIRES: there is a bound, of at least 1.
    Allowance allowance(std::int64_t per_minute, Instant now) const;

    // Counts one.
    void take_request(std::int64_t per_minute, Instant now) {
      take(spent_.requests, per_minute, now);
    }
    void take_mint(std::int64_t per_minute, Instant now) { take(spent_.mints, per_minute, now); }

   private:
    Spent& spent_;
  };

  std::size_t size() const { return spent_.size(); }

 private:
  static std::optional<Instant::duration> wait(const RateBucket& bucket, std::int64_t per_minute,
                                               Instant now);
  static void take(RateBucket& bucket, std::int64_t per_minute, Instant now);
  Spent& find(const std::string& principal, Instant now);

  std::size_t principals_max_;
  std::map<std::string, Spent> spent_;
  Spent strangers_;
};

}  // namespace tokman
