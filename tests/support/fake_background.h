#pragma once
// A thread pool without threads: the work is really done, but only when it is told to.
#include "tests/support/turn_queue.h"

namespace tokman {

class FakeBackground final : public Background {
 public:
  [[nodiscard]] OperationPtr run(std::function<void()> work, std::function<void()> done) override {
    auto waiting = std::make_unique<WaitingCall>(std::move(done));
    jobs_.push_back({std::move(work), waiting->call});
    return waiting;
  }

  // Does the oldest work, and says so unless it was cancelled; false if there is none.
  bool step() {
    if (jobs_.empty()) return false;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    job.work();
    call_if_wanted(job.done);
    return true;
  }

 private:
  struct Job {
    std::function<void()> work;
    std::weak_ptr<std::function<void()>> done;
  };

  std::deque<Job> jobs_;
};

}  // namespace tokman
