#pragma once
// Stops asking a host that fails, and finds out with one request at a time when it works again.
//
//            five failures in a row            the pause is over: one probe
//   closed ─────────────────────────► open ──────────────────────────────► half-open
//      ▲                               ▲                                       │  │
//      │                               └─────────── failure: a longer pause ───┘  │
//      └────────────────────────── any success ───────────────────────────────────┘
//
// Pauses double from 1 s to 15 s, less up to a half by chance. A probe of which nothing is heard
// for 20 s counts for nothing: the next one may go. Holds no timer: it is asked.
#include "daemon/base/ports.h"

namespace tokman {

class CircuitBreaker {
 public:
  enum class State : std::uint8_t { closed, open, half_open };

  State state(Instant now) const;

  // When a request may begin; `now` if at once.
  Instant next_at(Instant now) const;

  // A request is on its way that will be the probe. Nobody else passes next_at() meanwhile.
  // REQUIRES: next_at(now) is now. Changes nothing while closed.
  void reserve_probe(Instant now);

  // Whether this request may go out; if it may, it is the probe.
  bool admit(Instant now);

  // `fraction` in [0, 1). True if this changed whether requests are let through.
  bool on_failure(Instant now, double fraction);
  bool on_success();

 private:
  int failures_ = 0;  // In a row.
  int pauses_ = 0;    // In a row; none while closed.
  bool is_probing_ = false;
  bool has_reserved_ = false;
  Instant next_at_{};
};

}  // namespace tokman
