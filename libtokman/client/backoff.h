#pragma once
// Pauses between attempts: each twice as long as the one before, up to half a second, and a
// little different for everyone, so that the clients of a restarted daemon do not come as one.
#include "libtokman/client/deadline.h"

namespace tokman {

class Backoff {
 public:
  // False, without a pause, if the deadline has passed.
  bool pause(Deadline deadline);

  // Between half of what is due and all of it. `random` is any number.
  int next_ms(std::uint64_t random);

 private:
  int due_ms_ = 10;
};

}  // namespace tokman
