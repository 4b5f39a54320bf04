#pragma once
// Where mints wait for their turn: for the app's budget, for the end of a pause, for a host that
// fails to work again.
//
// Each app has a line of its own, ordered by MintQueue. Who is first goes as soon as nothing holds
// the app; while its host fails, the first of a line is the probe, and its success lets the rest
// go, within the budget. Who has to wait is told once, and why, so that callers with a token that
// still lives need not wait too. Who cannot have its turn in time is turned away. Renewals wait
// here as long as their token lives: that is how all of them are fresh soon after an outage.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/limits/mint_budget.h"
#include "daemon/domain/limits/mint_queue.h"
#include "daemon/services/github/github_traffic.h"

namespace tokman {

inline constexpr std::size_t kMintsWaitingMax = 20'000;  // In one line.

class MintGate {
 public:
  struct World {  // REQUIRES: all outlive the gate.
    GithubTraffic& traffic;
    const Clock& clock;
    Timers& timers;
  };
  explicit MintGate(const World& world);
  ~MintGate();
  MintGate(const MintGate&) = delete;
  MintGate& operator=(const MintGate&) = delete;

  // One of the last two ends the wait; *this place may be destroyed in any of them.
  struct Events {
    std::function<void(const Error&)> on_held;
    std::function<void()> on_turn;  // It has been counted: GitHub must be asked now.
    std::function<void(const Error&)> on_turned_away;
  };
  struct Wish {
    int priority = 0;
    Instant since;  // When it was first wanted: what it rises by.
    Instant until;  // When nobody wants it any more.
  };
  class Place : public Operation {
   public:
    // A higher priority, or a later end; what is lower or earlier changes nothing.
    virtual void raise(int priority, Instant until) = 0;
  };
  // Calls back in a later turn of the loop. REQUIRES: the gate outlives the place.
  [[nodiscard]] std::unique_ptr<Place> enter(const AppConfig& app, const Wish& wish, Events events);

  // Why a mint of this app would have to wait, with retry_after; none if it would not.
  std::optional<Error> why_held(const AppConfig& app) const;

  struct View {
    std::int64_t budget = 0;  // Mints that may begin at once.
    std::size_t waiting = 0;
  };
  View view(const AppConfig& app) const;

 private:
  class Waiting;
  struct Line;

  Line& line_of(const AppConfig& app);
  std::optional<GithubTraffic::Hold> find_hold(const Line& line) const;
  void wake(Line& line, Instant when);
  void let_through(Line& line);
  void let_first_go(Line& line);
  void tell_held(Line& line);
  void turn_away(Line& line, MintQueue::Ticket ticket, const Error& error);

  World world_;
  std::map<std::string, std::unique_ptr<Line>> lines_;  // By the app's name.
};

}  // namespace tokman
