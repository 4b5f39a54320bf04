#pragma once
// The audit log: who got what, and who was refused.
//
// One line when a principal first receives a token, one when that token ends with how often the
// principal got it in between, one for every refusal (bounded per principal, the rest counted). So
// an answer from the cache writes nothing and nothing is lost. Tokens appear as the fingerprint
// that GitHub's own audit log uses.
#include <string>
#include <string_view>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/audit/refusal_limiter.h"
#include "daemon/domain/tokens/token_cache.h"

namespace tokman {

class AuditLog {
 public:
  // REQUIRES: log, clock and timers outlive this object.
  AuditLog(Log& log, const Clock& clock, Timers& timers)
      : log_(log), clock_(clock), timers_(timers) {}

  // Counts a token given out; writes a line if it is this principal's first time.
  // REQUIRES: entry.token.
  void token_given(CacheEntry& entry, const std::string& principal, const std::string& grant);

  // Writes how often each principal got it. REQUIRES: entry.token.
  void token_ended(const CacheEntry& entry, std::string_view reason);

  struct Refused {
    const std::string& principal;
    std::string_view method;
    std::string_view target;  // "" if the method has none.
    const Error& error;
  };
  void refused(const Refused& refused);

  // What became of a client, or what it did: "client-login", by whom, and how.
  struct OfClient {
    const std::string& principal;
    const std::string& client;
    std::string_view detail;
  };
  void of_client(std::string_view event, const OfClient& what);

  // What an administrator did: a reload, for example.
  void acted(const std::string& principal, std::string_view method);

  std::uint64_t refusals() const { return refusals_; }

  // Writes what is still only counted: for shutdown.
  void flush();

 private:
  [[nodiscard]] OperationPtr start_reporting();
  void report_left_out();
  void write_left_out(Instant now);

  Log& log_;
  const Clock& clock_;
  Timers& timers_;
  RefusalLimiter limiter_;
  std::uint64_t refusals_ = 0;
  OperationPtr reporting_;  // Armed while refusals may have been left out.
};

}  // namespace tokman
