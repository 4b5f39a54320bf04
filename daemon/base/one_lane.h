#pragma once
// A Background that does one work at a time: long ones, however many, leave the other threads free.
//
// In the order they came. Work that was cancelled before its turn is not done at all. Destroying
// the lane waits for the work under way: what that works on may go afterwards.
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "daemon/base/ports.h"

namespace tokman {

class OneLane final : public Background {
 public:
  // REQUIRES: background outlives this object.
  explicit OneLane(Background& background) : background_(background) {}
  ~OneLane() override {
    const std::lock_guard lock(turn_->working);
    turn_->is_over = true;
  }
  OneLane(const OneLane&) = delete;
  OneLane& operator=(const OneLane&) = delete;

  [[nodiscard]] OperationPtr run(std::function<void()> work, std::function<void()> done) override {
    auto waiting = std::make_unique<Waiting>();
    waiting->job = std::make_shared<Job>(Job{std::move(work), std::move(done)});
    waiting_.push_back(waiting->job);
    if (!running_) start_next();
    return waiting;
  }

 private:
  struct Job {
    std::function<void()> work;
    std::function<void()> done;
  };
  struct Turn {  // Shared with the thread that works.
    std::mutex working;
    bool is_over = false;
  };
  struct Waiting final : Operation {
    std::shared_ptr<Job> job;
  };

  void start_next() {
    while (!running_ && !waiting_.empty()) {
      const std::weak_ptr<Job> next = std::move(waiting_.front());
      waiting_.pop_front();
      if (const auto job = next.lock()) {
        const auto work = [turn = turn_, work = std::move(job->work)] {
          const std::lock_guard lock(turn->working);
          if (!turn->is_over) work();
        };
        running_ = background_.run(work, [this, next] { on_done(next); });
      }
    }
  }

  void on_done(const std::weak_ptr<Job>& finished) {
    running_.reset();
    start_next();
    // Moved out first: the callee may destroy its Operation, and this lane, while it runs.
    if (const auto job = finished.lock()) std::exchange(job->done, nullptr)();
  }

  Background& background_;
  std::shared_ptr<Turn> turn_ = std::make_shared<Turn>();
  std::deque<std::weak_ptr<Job>> waiting_;
  OperationPtr running_;
};

}  // namespace tokman
