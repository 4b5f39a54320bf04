#pragma once
// The clock of one GitHub server, as far as it is known here: what every expiry is judged by.
//
// It is learned from the Date of answers and then runs on the boot clock, so neither a step of this
// machine's wall clock nor a suspend moves it. Until the first Date it is what an earlier run had
// learned: by the boot clock, if that still runs, else by the wall clock.
//
// Dates are whole seconds: small differences are smoothed. A large one is believed when something
// else says the same: another Date, this machine's clock, or GitHub, which found a JWT of the wrong
// time. What is learned is never more than an hour from the wall clock.
#include <chrono>
#include <optional>

#include "daemon/base/ports.h"

namespace tokman {

// What one run of the daemon has learned, for the next.
struct LearnedClock {
  std::chrono::seconds offset{};  // Of the wall clock.
  // Of the boot clock; none if the machine was started since, or nothing was learned.
  std::optional<std::chrono::milliseconds> ahead_of_boot;
};

class HostClock {
 public:
  static constexpr std::chrono::seconds kOffsetMax{3600};
  // Less than this is noise: whole seconds, slow answers, servers that differ.
  static constexpr std::chrono::seconds kNoiseMax{5};

  // REQUIRES: clock outlives this object.
  explicit HostClock(const Clock& clock, const LearnedClock& learned = {})
      : clock_(clock), offset_at_start_(bounded(learned.offset)), ahead_(learned.ahead_of_boot) {}

  UnixTime now() const;

  // What to add to this machine's wall clock; at most kOffsetMax, either way.
  std::chrono::seconds offset() const;

  LearnedClock learned() const;

  // When it will be `time` there; the present if that is over.
  Instant when(UnixTime time) const;

  enum class Confirmed : bool { no, yes };
  // An answer that has just arrived was of this date.
  void observe(UnixTime date, Confirmed confirmed = Confirmed::no);

 private:
  using Duration = Instant::duration;

  static std::chrono::seconds bounded(std::chrono::seconds offset);
  bool is_credible(Duration ahead, Confirmed confirmed) const;

  const Clock& clock_;
  std::chrono::seconds offset_at_start_;
  std::optional<Duration> ahead_;     // Of the boot clock; none until the first Date.
  std::optional<Duration> doubtful_;  // What the last Date said, if it was not believed.
};

}  // namespace tokman
