#include "tests/support/test_loop.h"

#include <cstdlib>

namespace tokman {
namespace {
constexpr int kStepsMax = 1'000'000;  // More than any test has: it would never be quiet.
}

void TestLoop::run() {
  for (int steps = 0; step(); ++steps) {
    if (steps == kStepsMax) std::abort();
  }
}

void TestLoop::advance(Instant::duration time) {
  const Instant end = clock.now() + time;
  run();
  while (timers.next_due() && *timers.next_due() <= end) {
    clock.go_to(*timers.next_due());
    run();
  }
  clock.go_to(end);
}

bool TestLoop::step() {
  return background.step() || signer.step() || http.step() || timers.step(clock.now());
}

}  // namespace tokman
