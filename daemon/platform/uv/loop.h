#pragma once
// The event loop: everything in tokmand happens in one of its callbacks.
//
// It is the Clock, the Timers and the Background of the whole daemon. Times are read once per turn,
// and only if somebody asks. A timer is never early. The kernel's timers stand still while the
// machine is suspended, so a timer that fell due then fires up to kRecheck after waking up.
//
// Whatever uses the loop must be gone before it. Its destructor waits for background work that is
// still running, and proves that no handle was left open.
#include <uv.h>

#include <array>
#include <chrono>
#include <functional>
#include <span>

#include "daemon/base/ports.h"

namespace tokman {

class Loop final : public Clock, public Timers, public Background {
 public:
  static constexpr std::chrono::seconds kRecheck{30};

  Loop();
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Returns after stop(), or when there is nothing left to wait for.
  void run_until_stopped();
  void stop();

  Instant now() const override;
  UnixTime unix_now() const override;
  [[nodiscard]] OperationPtr at(Instant due, std::function<void()> callback) override;
  [[nodiscard]] OperationPtr run(std::function<void()> work, std::function<void()> done) override;

  // Where streams read into: one buffer for all, because it is empty again after each callback.
  std::span<char> read_buffer() { return read_buffer_; }

  // For daemon/platform/uv only.
  uv_loop_t* raw() { return &loop_; }

 private:
  struct Times {
    std::uint64_t read_at_ms = UINT64_MAX;  // On libuv's clock, which moves once per turn.
    Instant boot;
    UnixTime unix;
  };
  const Times& times() const;

  uv_loop_t loop_;
  mutable Times times_;
  std::array<char, 64 * 1024> read_buffer_;
};

}  // namespace tokman
