#pragma once
// When a token may be served, and when the next one is fetched ahead of need.
//
//   minted ──────────────── renewal due ──────────── floor ── dead zone ── expires_at
//          served to all    served, renewed in the   stale    never served
//                           background if in use     only
#include <algorithm>
#include <chrono>

#include "daemon/base/ports.h"

namespace tokman {

using std::chrono::seconds;

// What a caller gets who asks for less; also the least that a normal answer lives.
inline constexpr seconds kServeFloor{60};
// A token this near its end is never given out: it could die on its way.
inline constexpr seconds kDeadZone{5};

// How long a token must live for one caller.
struct NeededLife {
  seconds min_lifetime{};
  bool is_asked = false;  // By the caller; else it is the app's default, and only a wish.
};

// A default is never more than a third of what GitHub gives: else short-lived tokens would be
// minted for every request, or run out of it before they are renewed.
inline bool lives_long_enough(UnixTime expires_at, UnixTime minted_at, UnixTime now,
                              NeededLife needed) {
  seconds least = std::max(needed.min_lifetime, kServeFloor);
  if (!needed.is_asked) least = std::min(least, (expires_at - minted_at) / 3);
  return expires_at - now >= least && expires_at - now > kDeadZone;
}

inline bool may_serve_stale(UnixTime expires_at, UnixTime now) {
  return expires_at - now > kDeadZone;
}

// How long after minting renewal is due. `fraction` in [0, 1) spreads tokens minted together over
// a tenth of the lead, always to the early side. Short-lived tokens: at two thirds of their life.
inline seconds renewal_age(seconds lifetime, seconds renew_before, double fraction) {
  const seconds lead = std::min(renew_before, lifetime / 3);
  const auto jitter = std::chrono::duration_cast<seconds>(
      std::chrono::duration<double>(static_cast<double>(lead.count()) * 0.1 * fraction));
  return lifetime - lead - jitter;
}

}  // namespace tokman
