#pragma once
// What becomes of a token of which a caller says that GitHub refused it.
//
//   is it the present token of its key? ── no ──► superseded: the present one is served
//       │ yes
//   younger than 10 s? ── yes ──► replication lag: it is served again, and will work soon
//       │ no
//   its key rejected within a minute, or too much by this caller? ── yes ──► rate limited
//       │ no
//   dropped: the next one is minted
//
// So a caller cannot make tokman mint for nothing, and only that caller is told to wait.
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "daemon/base/ports.h"

namespace tokman {

// GitHub may take this long to know a new token everywhere.
inline constexpr std::chrono::seconds kReplicationLag{10};

enum class RejectionOutcome : std::uint8_t { dropped, superseded, replication_lag, rate_limited };

std::string_view rejection_outcome_name(RejectionOutcome outcome);

struct RejectionVerdict {
  RejectionOutcome outcome = RejectionOutcome::superseded;
  std::chrono::milliseconds retry_after{};  // For replication_lag and rate_limited.
};

// The present token of a key.
struct PresentToken {
  std::string_view key;
  std::string_view fingerprint;
  std::chrono::seconds age{};  // On GitHub's clock.
};

class RejectionRules {
 public:
  static constexpr std::chrono::minutes kWindow{1};
  static constexpr std::size_t kDropsPerCaller = 10;  // Within the window; one for each key.
  static constexpr std::size_t kKeysMax = 10'000;
  static constexpr std::size_t kCallersMax = 1'000;

  // Notes it if the outcome is `dropped`: the caller then has to drop the token.
  RejectionVerdict judge(const PresentToken& present, std::string_view rejected,
                         std::uint32_t caller, Instant now);

 private:
  using Drops = std::deque<Instant>;  // The oldest first.

  Instant allowed_at(const PresentToken& present, std::uint32_t caller, Instant now);
  void forget_before(Instant instant);

  std::map<std::string, Instant, std::less<>> keys_;  // When each was last dropped.
  std::map<std::uint32_t, Drops> callers_;
};

}  // namespace tokman
