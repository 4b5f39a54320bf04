#include "daemon/platform/uv/quiet_threads.h"

#include <sys/resource.h>

#include <atomic>
#include <utility>
#include <vector>

namespace tokman {
namespace {

constexpr int kLowestPriority = 19;

}  // namespace

struct QuietThreads::Job {
  std::function<void()> work;
  std::function<void()> done;  // Empty once nobody waits; of the loop's thread.
  uv_async_t* wake;
  uv_thread_t thread = {};
  std::atomic<bool> is_over = false;
};

struct QuietThreads::Waiting final : Operation {
  explicit Waiting(std::shared_ptr<Job> j) : job(std::move(j)) {}
  ~Waiting() override { job->done = nullptr; }
  std::shared_ptr<Job> job;
};

QuietThreads::QuietThreads(Loop& loop)
    : loop_(loop), wake_(make_handle<uv_async_t>(this, [&](uv_async_t* wake) {
        return uv_async_init(loop.raw(), wake, on_wake);
      })) {
  uv_unref(reinterpret_cast<uv_handle_t*>(wake_.get()));
}

QuietThreads::~QuietThreads() {
  for (const auto& job : jobs_) uv_thread_join(&job->thread);
}

OperationPtr QuietThreads::run(std::function<void()> work, std::function<void()> done) {
  auto job = std::make_shared<Job>();
  job->work = std::move(work);
  job->done = std::move(done);
  job->wake = wake_.get();
  if (uv_thread_create(&job->thread, QuietThreads::work, job.get()) != 0) {
    return loop_.run(std::move(job->work), std::move(job->done));
  }
  if (jobs_.empty()) uv_ref(reinterpret_cast<uv_handle_t*>(wake_.get()));
  jobs_.push_back(job);
  return std::make_unique<Waiting>(std::move(job));
}

// The job is kept until its thread has been joined.
void QuietThreads::work(void* argument) {
  auto* job = static_cast<Job*>(argument);
  (void)::setpriority(PRIO_PROCESS, 0,
                      kLowestPriority);  // Of this thread; lower is always allowed.
  job->work();
  job->is_over = true;
  uv_async_send(job->wake);
}

void QuietThreads::on_wake(uv_async_t* wake) {
  auto* self = static_cast<QuietThreads*>(wake->data);
  if (self != nullptr) self->finish_jobs();
}

void QuietThreads::finish_jobs() {
  std::vector<std::shared_ptr<Job>> over;
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    if (!(*job)->is_over) {
      ++job;
      continue;
    }
    uv_thread_join(&(*job)->thread);
    over.push_back(std::move(*job));
    job = jobs_.erase(job);
  }
  if (jobs_.empty()) uv_unref(reinterpret_cast<uv_handle_t*>(wake_.get()));
  for (const auto& job : over) {  // *this may be gone after the first of these.
    if (const auto done = std::exchange(job->done, nullptr)) done();
  }
}

}  // namespace tokman
