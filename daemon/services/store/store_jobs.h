#pragma once
// Work on the store that is too much for one transaction: done in steps, and counted.
//
// Between the steps others write. Each step decides anew what there is to do; so a job that was
// interrupted, by a caller who went away or by kill -9, has done some of its work, and the next one
// does the rest.
#include <cstdint>
#include <functional>
#include <memory>

#include "daemon/base/ports.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

class StoreJobs {
 public:
  static constexpr std::size_t kRowsPerStep = 1000;

  // REQUIRES: all outlive this object, and the writer's last callback.
  struct World {
    StoreWriter& writer;
    const Clock& clock;
    Timers& timers;
  };
  explicit StoreJobs(const World& world) : world_(world) {}

  struct Outcome {
    std::int64_t count = 0;
    bool is_last = true;
  };
  // Runs on the writer's thread, and may run twice: no effect but on the transaction.
  using Step = std::function<Result<Outcome>(WriteTxn&)>;
  using OnStored = std::function<void()>;  // After each step, when it is on disk.
  using Callback = std::function<void(Result<std::int64_t>)>;

  // Calls back with the sum of the steps' counts. Destroying the operation ends the job with the
  // step that is under way.
  [[nodiscard]] OperationPtr run(Step step, OnStored on_stored, Callback callback) const;

 private:
  struct Job;
  struct Running;

  static void start_step(const World& world, const std::shared_ptr<Job>& job);
  static void on_stored(const World& world, const std::shared_ptr<Job>& job,
                        const Result<Done>& stored);

  World world_;
};

}  // namespace tokman
