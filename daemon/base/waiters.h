#pragma once
// Several who wait for one answer: the half of "single flight" that callers see.
//
// Each gets the answer once, in the order they came. Destroying a waiter's Operation takes it out
// and disturbs no one else; callbacks may add, cancel, and destroy the Waiters themselves.
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/base/ports.h"

namespace tokman {

template <class Answer>
class Waiters {
 public:
  using Callback = std::function<void(const Answer&)>;

  [[nodiscard]] OperationPtr add(Callback callback) {
    auto waiting = std::make_unique<Waiting>();
    waiting->callback = std::make_shared<Callback>(std::move(callback));
    callbacks_.push_back(waiting->callback);
    return waiting;
  }

  void answer_all(const Answer& answer) {
    const auto callbacks = std::exchange(callbacks_, {});
    for (const std::weak_ptr<Callback>& weak : callbacks) {
      // Moved out first: the callee may destroy its Operation while it runs.
      if (const auto shared = weak.lock()) std::exchange(*shared, nullptr)(answer);
    }
  }

  // Also counts no one who has gone.
  bool empty() {
    std::erase_if(callbacks_, [](const auto& weak) { return weak.expired(); });
    return callbacks_.empty();
  }

 private:
  struct Waiting final : Operation {
    std::shared_ptr<Callback> callback;
  };

  std::vector<std::weak_ptr<Callback>> callbacks_;
};

}  // namespace tokman
