#include "daemon/platform/uv/loop.h"

#include <time.h>

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "daemon/platform/uv/handle.h"

namespace tokman {
namespace {

class BootTimer final : public Operation {
 public:
  BootTimer(Loop& loop, Instant due, std::function<void()> callback)
      : loop_(loop), due_(due), callback_(std::move(callback)) {
    handle_ = make_handle<uv_timer_t>(
        this, [&](uv_timer_t* handle) { return uv_timer_init(loop.raw(), handle); });
    arm();
  }

 private:
  void arm() {
    const Instant::duration wait = std::min<Instant::duration>(due_ - loop_.now(), Loop::kRecheck);
    uv_timer_start(handle_.get(), on_fire, static_cast<std::uint64_t>(wait.count()), 0);
  }

  static void on_fire(uv_timer_t* handle) {
    auto* self = static_cast<BootTimer*>(handle->data);
    if (self == nullptr) return;
    if (self->loop_.now() < self->due_) return self->arm();
    const std::function<void()> callback = std::move(self->callback_);
    callback();  // *self may be gone from here on.
  }

  Loop& loop_;
  const Instant due_;
  std::function<void()> callback_;
  HandlePtr<uv_timer_t> handle_;
};

// What is due already. A libuv timer would do, but one that is set in the callback of another runs
// in the same turn, so that two of them could keep the loop from ever looking at its sockets.
class NextTurn final : public Operation {
 public:
  NextTurn(Loop& loop, std::function<void()> callback) : callback_(std::move(callback)) {
    handle_ = make_handle<uv_idle_t>(
        this, [&](uv_idle_t* handle) { return uv_idle_init(loop.raw(), handle); });
    uv_idle_start(handle_.get(), on_turn);
  }

 private:
  static void on_turn(uv_idle_t* handle) {
    auto* self = static_cast<NextTurn*>(handle->data);
    if (self == nullptr) return;
    uv_idle_stop(handle);
    const std::function<void()> callback = std::move(self->callback_);
    callback();  // *self may be gone from here on.
  }

  std::function<void()> callback_;
  HandlePtr<uv_idle_t> handle_;
};

class BackgroundJob;

// What the thread pool holds; it lives until the work has ended, wanted or not.
struct PoolWork {
  uv_work_t request;
  std::function<void()> work;
  BackgroundJob* job;  // nullptr once cancelled.
};

class BackgroundJob final : public Operation {
 public:
  BackgroundJob(Loop& loop, std::function<void()> work, std::function<void()> done)
      : done_(std::move(done)), pool_work_(new PoolWork{{}, std::move(work), this}) {
    pool_work_->request.data = pool_work_;
    uv_queue_work(loop.raw(), &pool_work_->request, on_work, on_done);
  }
  ~BackgroundJob() override {
    if (pool_work_ != nullptr) pool_work_->job = nullptr;
  }

 private:
  static void on_work(uv_work_t* request) { static_cast<PoolWork*>(request->data)->work(); }

  static void on_done(uv_work_t* request, int) {
    const std::unique_ptr<PoolWork> ended(static_cast<PoolWork*>(request->data));
    if (ended->job == nullptr) return;
    ended->job->pool_work_ = nullptr;
    const std::function<void()> done = std::move(ended->job->done_);
    done();  // The job may be gone from here on.
  }

  std::function<void()> done_;
  PoolWork* pool_work_;
};

timespec read_clock(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time;
}

Instant boot_time() {
  const timespec time = read_clock(CLOCK_BOOTTIME);
  return Instant(std::chrono::seconds(time.tv_sec) + std::chrono::duration_cast<Instant::duration>(
                                                         std::chrono::nanoseconds(time.tv_nsec)));
}

bool has_open_handle(uv_loop_t* loop) {
  bool open = false;
  const auto look = [](uv_handle_t* handle, void* found) {
    if (uv_is_closing(handle) == 0) *static_cast<bool*>(found) = true;
  };
  uv_walk(loop, look, &open);
  return open;
}

}  // namespace

Loop::Loop() {
  if (uv_loop_init(&loop_) != 0) std::abort();  // No memory, no descriptors: no daemon.
}

Loop::~Loop() {
  if (has_open_handle(&loop_)) {
    uv_print_all_handles(&loop_, stderr);
    assert(false && "these handles outlived their loop");
    return;  // Closing handles under their owners would be worse than leaving them.
  }
  while (uv_run(&loop_, UV_RUN_DEFAULT) != 0) {
  }
  [[maybe_unused]] const int refused = uv_loop_close(&loop_);
  assert(refused == 0);
}

void Loop::run_until_stopped() { uv_run(&loop_, UV_RUN_DEFAULT); }
void Loop::stop() { uv_stop(&loop_); }

Instant Loop::now() const { return times().boot; }
UnixTime Loop::unix_now() const { return times().unix; }

const Loop::Times& Loop::times() const {
  const std::uint64_t turn = uv_now(&loop_);
  if (turn != times_.read_at_ms) {
    times_ = {turn, boot_time(),
              UnixTime(std::chrono::seconds(read_clock(CLOCK_REALTIME_COARSE).tv_sec))};
  }
  return times_;
}

OperationPtr Loop::at(Instant due, std::function<void()> callback) {
  if (due <= now()) return std::make_unique<NextTurn>(*this, std::move(callback));
  return std::make_unique<BootTimer>(*this, due, std::move(callback));
}

OperationPtr Loop::run(std::function<void()> work, std::function<void()> done) {
  return std::make_unique<BackgroundJob>(*this, std::move(work), std::move(done));
}

}  // namespace tokman
