#pragma once
// One life of the daemon in a small world: what happens in it is decided by a number, its seed.
//
// Real are the broker and all that it stands on, down to LMDB. Callers, GitHub, clocks and crashes
// are the world's; one thing happens per step, and after each step everything that must always be
// true is checked. The same seed is the same life.
#include <cstdint>
#include <optional>
#include <string>

namespace tokman {

// Something that is made wrong on purpose: a check must find it.
enum class PlantedFault : std::uint8_t {
  none,
  expiry_too_late,   // GitHub says that a token lives longer than it does.
  answer_swallowed,  // A caller is not told.
  fetched_twice,     // A second request for a token that is being fetched.
  revoked_alive,     // A token counts as revoked that the daemon was not told of.
  not_audited,       // A token is given out without telling the audit log.
  budget_too_large,  // The app may mint more than the checks allow.
  cache_too_large,   // Likewise for the tokens in memory.
};

struct Life {
  std::uint64_t seed = 1;
  int steps = 100;
  PlantedFault fault = PlantedFault::none;
};

// The first thing that was not as it must be, and the step; none if everything was.
std::optional<std::string> find_violation(const Life& life);

}  // namespace tokman
