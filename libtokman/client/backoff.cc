#include "libtokman/client/backoff.h"

#include <poll.h>

namespace tokman {

bool Backoff::pause(Deadline deadline) {
  const int left_ms = deadline.remaining_ms();
  if (left_ms == 0) return false;
  const int wanted_ms = next_ms(static_cast<std::uint64_t>(Deadline::now_ns()));
  // A signal that ends the pause early only makes the next attempt come sooner.
  ::poll(nullptr, 0, left_ms < 0 ? wanted_ms : std::min(wanted_ms, left_ms));
  return true;
}

int Backoff::next_ms(std::uint64_t random) {
  constexpr int kLongestMs = 500;
  const int half_ms = due_ms_ / 2;
  due_ms_ = std::min(due_ms_ * 2, kLongestMs);
  return half_ms + static_cast<int>(random % static_cast<std::uint64_t>(half_ms + 1));
}

}  // namespace tokman
