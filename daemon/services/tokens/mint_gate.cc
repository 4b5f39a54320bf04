#include "daemon/services/tokens/mint_gate.h"

#include <algorithm>

namespace tokman {
namespace {

constexpr Instant::duration kRetryAfterMax = std::chrono::minutes(5);

MintLimits limits_of(const AppConfig& app) {
  return {app.mints_per_minute, app.mints_burst, app.mints_per_minute_max, app.mints_per_hour_max};
}

}  // namespace

struct MintGate::Line {
  explicit Line(const AppConfig& of) : app(of), budget(limits_of(of)) {}

  AppConfig app;
  MintBudget budget;
  MintQueue queue;
  std::unordered_map<MintQueue::Ticket, Waiting*> places;
  std::vector<MintQueue::Ticket> newcomers;  // Not told yet that they have to wait.
  OperationPtr timer;
  Instant wakes_at{};
};

class MintGate::Waiting final : public Place {
 public:
  Waiting(Line& line, const Wish& wish, Events events)
      : line_(line),
        ticket_(line.queue.add(wish.priority, wish.since)),
        until_(wish.until),
        events_(std::move(events)) {
    line_.places.emplace(ticket_, this);
    line_.newcomers.push_back(ticket_);
  }
  ~Waiting() override { leave(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  void raise(int priority, Instant until) override {
    until_ = std::max(until_, until);
    if (line_.places.contains(ticket_)) line_.queue.raise(ticket_, priority);
  }

  void leave() {
    line_.queue.drop(ticket_);
    line_.places.erase(ticket_);
  }

  Instant until() const { return until_; }
  Events events() const { return events_; }

 private:
  Line& line_;
  MintQueue::Ticket ticket_;
  Instant until_;
  Events events_;
};

MintGate::MintGate(const World& world) : world_(world) {
  world_.traffic.on_changed([this] {
    for (const auto& [name, line] : lines_) {
      if (line->queue.size() > 0) wake(*line, world_.clock.now());
    }
  });
}

MintGate::~MintGate() = default;

std::unique_ptr<MintGate::Place> MintGate::enter(const AppConfig& app, const Wish& wish,
                                                 Events events) {
  Line& line = line_of(app);
  auto place = std::make_unique<Waiting>(line, wish, std::move(events));
  wake(line, world_.clock.now());
  return place;
}

MintGate::Line& MintGate::line_of(const AppConfig& app) {
  std::unique_ptr<Line>& line = lines_[app.name];
  if (!line) line = std::make_unique<Line>(app);
  line->app = app;
  line->budget.set_limits(limits_of(app));
  return *line;
}

void MintGate::wake(Line& line, Instant when) {
  if (line.timer && line.wakes_at <= when) return;
  line.wakes_at = when;
  line.timer = world_.timers.at(when, [this, &line] { let_through(line); });
}

void MintGate::let_through(Line& line) {
  line.timer.reset();
  while (line.queue.size() > 0 && !find_hold(line)) let_first_go(line);
  tell_held(line);
  const auto hold = find_hold(line);
  while (hold && line.queue.size() > kMintsWaitingMax) {
    turn_away(line, *line.queue.last(), hold->error);
  }
  if (line.queue.size() > 0) wake(line, hold ? hold->until : world_.clock.now());
}

void MintGate::let_first_go(Line& line) {
  const MintQueue::Ticket first = *line.queue.first();
  Waiting& place = *line.places.at(first);
  const Instant now = world_.clock.now();
  if (place.until() <= now) {
    return turn_away(line, first, Error{TOKMAN_E_RATE_LIMITED, "nobody waits for it any more"});
  }
  line.budget.take(now);
  world_.traffic.reserve_probe(line.app);
  place.leave();
  const auto on_turn = place.events().on_turn;
  on_turn();
}

void MintGate::tell_held(Line& line) {
  for (const MintQueue::Ticket ticket : std::exchange(line.newcomers, {})) {
    const auto found = line.places.find(ticket);
    const auto hold = find_hold(line);
    if (found == line.places.end() || !hold) continue;
    if (hold->until >= found->second->until()) {
      turn_away(line, ticket, hold->error);
    } else {
      const auto on_held = found->second->events().on_held;
      on_held(hold->error);
    }
  }
}

void MintGate::turn_away(Line& line, MintQueue::Ticket ticket, const Error& error) {
  Waiting& place = *line.places.at(ticket);
  place.leave();
  const auto on_turned_away = place.events().on_turned_away;
  on_turned_away(error);
}

std::optional<GithubTraffic::Hold> MintGate::find_hold(const Line& line) const {
  if (auto hold = world_.traffic.find_hold(line.app)) return hold;
  const Instant now = world_.clock.now();
  const Instant next = line.budget.next_at(now);
  if (next <= now) return std::nullopt;
  // By then all who wait now will have had their turn.
  const auto each = Instant::duration(std::chrono::minutes(1)) / line.app.mints_per_minute;
  const auto all = next - now + each * static_cast<Instant::rep>(line.queue.size());
  return GithubTraffic::Hold{
      next, Error{TOKMAN_E_RATE_LIMITED,
                  "the app '" + line.app.name + "' has minted as much as it may for now", "",
                  std::min(all, kRetryAfterMax)}};
}

std::optional<Error> MintGate::why_held(const AppConfig& app) const {
  const auto found = lines_.find(app.name);
  const auto hold =
      found == lines_.end() ? world_.traffic.find_hold(app) : find_hold(*found->second);
  return hold ? std::optional(hold->error) : std::nullopt;
}

MintGate::View MintGate::view(const AppConfig& app) const {
  const auto found = lines_.find(app.name);
  if (found == lines_.end()) return {MintBudget(limits_of(app)).level(world_.clock.now()), 0};
  return {found->second->budget.level(world_.clock.now()), found->second->queue.size()};
}

}  // namespace tokman
