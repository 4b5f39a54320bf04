#pragma once
// Timers that fire when they are told to, in a fixed order.
//
// The order is that of the due times; timers due at the same time fire in the order in which they
// were set.
#include <map>
#include <optional>

#include "tests/support/turn_queue.h"

namespace tokman {

class FakeTimers final : public Timers {
 public:
  [[nodiscard]] OperationPtr at(Instant due, std::function<void()> callback) override {
    auto waiting = std::make_unique<WaitingCall>(std::move(callback));
    timers_.emplace(due, waiting->call);
    return waiting;
  }

  // When the next timer is due; none if none is set.
  std::optional<Instant> next_due() {
    while (!timers_.empty() && timers_.begin()->second.expired()) timers_.erase(timers_.begin());
    if (timers_.empty()) return std::nullopt;
    return timers_.begin()->first;
  }

  // Fires one timer that is due at `now`; false if there is none.
  bool step(Instant now) {
    const auto due = next_due();
    if (!due || *due > now) return false;
    return call_if_wanted(timers_.extract(timers_.begin()).mapped());
  }

 private:
  std::multimap<Instant, std::weak_ptr<std::function<void()>>> timers_;
};

}  // namespace tokman
