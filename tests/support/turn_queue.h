#pragma once
// Calls that wait for their turn, oldest first: what makes fakes keep the promises of ports.h.
//
// Nothing is called before step(); each call is made once at most; destroying its Operation takes
// it out of the queue.
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "daemon/base/ports.h"

namespace tokman {

// What an Operation holds of its callback; whoever calls it takes it first.
using SharedCall = std::shared_ptr<std::function<void()>>;

struct WaitingCall final : Operation {
  explicit WaitingCall(std::function<void()> function)
      : call(std::make_shared<std::function<void()>>(std::move(function))) {}
  SharedCall call;
};

// False if the Operation is gone.
inline bool call_if_wanted(const std::weak_ptr<std::function<void()>>& weak) {
  const SharedCall call = weak.lock();
  if (!call) return false;
  std::exchange(*call, nullptr)();
  return true;
}

class TurnQueue {
 public:
  [[nodiscard]] OperationPtr add(std::function<void()> call) {
    auto waiting = std::make_unique<WaitingCall>(std::move(call));
    calls_.push_back(waiting->call);
    return waiting;
  }

  // Makes the next call; false if none is waiting.
  bool step() {
    while (!calls_.empty()) {
      const auto next = std::move(calls_.front());
      calls_.pop_front();
      if (call_if_wanted(next)) return true;
    }
    return false;
  }

 private:
  std::deque<std::weak_ptr<std::function<void()>>> calls_;
};

}  // namespace tokman
