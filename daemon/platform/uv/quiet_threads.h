#pragma once
// A Background for work that computes for long: whatever else wants the processor goes first.
//
// Each work has a thread of its own, at the lowest priority; how many run at once is up to who
// starts them. Destroying this waits for those under way.
#include <list>
#include <memory>

#include "daemon/platform/uv/handle.h"
#include "daemon/platform/uv/loop.h"

namespace tokman {

class QuietThreads final : public Background {
 public:
  // REQUIRES: loop outlives this object.
  explicit QuietThreads(Loop& loop);
  ~QuietThreads() override;
  QuietThreads(const QuietThreads&) = delete;
  QuietThreads& operator=(const QuietThreads&) = delete;

  // Where the system has no thread to give, the loop's own are used.
  [[nodiscard]] OperationPtr run(std::function<void()> work, std::function<void()> done) override;

 private:
  struct Job;
  struct Waiting;

  static void work(void* job);
  static void on_wake(uv_async_t* wake);
  void finish_jobs();

  Loop& loop_;
  HandlePtr<uv_async_t> wake_;
  std::list<std::shared_ptr<Job>> jobs_;
};

}  // namespace tokman
