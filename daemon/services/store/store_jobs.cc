#include "daemon/services/store/store_jobs.h"

#include <utility>

namespace tokman {

struct StoreJobs::Job {
  Step step;
  OnStored on_stored;
  Callback callback;  // Empty once nobody waits.
  Outcome outcome;    // Of the step under way; of the writer's thread until that is stored.
  std::int64_t sum = 0;
  OperationPtr starting;

  void finish(Result<std::int64_t> result) {
    if (const Callback called = std::exchange(callback, nullptr)) called(std::move(result));
  }
};

struct StoreJobs::Running final : Operation {
  explicit Running(std::shared_ptr<Job> j) : job(std::move(j)) {}
  ~Running() override {
    job->callback = nullptr;
    job->starting.reset();
  }
  std::shared_ptr<Job> job;
};

OperationPtr StoreJobs::run(Step step, OnStored on_stored, Callback callback) const {
  auto job = std::make_shared<Job>(Job{.step = std::move(step),
                                       .on_stored = std::move(on_stored),
                                       .callback = std::move(callback),
                                       .outcome = {},
                                       .starting = nullptr});
  const std::weak_ptr<Job> weak = job;
  // In the next turn, because a full writer refuses at once.
  job->starting = world_.timers.at(world_.clock.now(), [world = world_, weak] {
    if (const auto started = weak.lock()) start_step(world, started);
  });
  return std::make_unique<Running>(std::move(job));
}

void StoreJobs::start_step(const World& world, const std::shared_ptr<Job>& job) {
  const Result<Done> added = world.writer.add(
      {.name = "",
       .apply = [job](WriteTxn& txn) -> Result<Done> {
         const Result<Outcome> outcome = job->step(txn);
         if (!outcome.ok()) return outcome.error();
         job->outcome = outcome.value();
         return Done{};
       },
       .done = [world,
                job](const Result<Done>& stored) { StoreJobs::on_stored(world, job, stored); }});
  if (!added.ok()) job->finish(added.error());
}

void StoreJobs::on_stored(const World& world, const std::shared_ptr<Job>& job,
                          const Result<Done>& stored) {
  if (!stored.ok()) return job->finish(stored.error());
  if (job->on_stored) job->on_stored();
  job->sum += job->outcome.count;
  if (job->outcome.is_last) return job->finish(job->sum);
  if (job->callback) start_step(world, job);
}

}  // namespace tokman
