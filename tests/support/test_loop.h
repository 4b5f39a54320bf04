#pragma once
// The outside world of one test, and a loop that turns only when it is told to.
//
// Declare it before what uses it. Whatever waits is done in a fixed order: background work, then
// the signer, then HTTP, then timers.
#include "tests/support/fake_background.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_http_client.h"
#include "tests/support/fake_signer.h"
#include "tests/support/fake_timers.h"
#include "tests/support/fixed_random.h"

namespace tokman {

class TestLoop {
 public:
  // Turns until nothing is left to do at this time.
  void run();

  // Runs, and lets that much time pass; what falls due on the way happens at its time.
  void advance(Instant::duration time);

  FakeClock clock;
  FakeTimers timers;
  FakeBackground background;
  FakeHttpClient http;
  FakeSigner signer{clock};
  FixedRandom random;

 private:
  bool step();
};

}  // namespace tokman
