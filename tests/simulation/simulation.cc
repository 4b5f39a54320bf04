#include "tests/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <list>
#include <random>

#include "daemon/platform/crypto/digest.h"
#include "libtokman/json/value.h"
#include "tests/component/tokens/broker_fixture.h"
#include "tests/simulation/invariants.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr std::size_t kCacheEntriesMax = 6;  // Fewer than there are tokens to ask for.
constexpr int kTurnsMax = 1000;
constexpr int kStorm = 120;  // More than a budget has at once.
constexpr const char* kGrant = "simulated";

class World {
 public:
  explicit World(const Life& life) : life_(life), chance_(life.seed) {
    fixture_.log.set_level(LogLevel::error);
    fixture_.cache_entries_max = kCacheEntriesMax;
    if (life.fault == PlantedFault::cache_too_large) ++fixture_.cache_entries_max;
    if (life.fault == PlantedFault::budget_too_large) {
      fixture_.app.mints_per_minute = fixture_.app.mints_burst = fixture_.app.mints_per_minute_max =
          9000;
    }
    for (int i = 0; i < 5; ++i) repositories_.push_back("r" + std::to_string(i));
    fixture_.github.accounts["octo-org"] = {42, repositories_};
    fixture_.loop.http.answer_all([this](const HttpCall& call) { return answer(call); });
    fixture_.restart();
  }

  std::optional<std::string> live() {
    for (step_ = 0; step_ < life_.steps && !invariants_.violation(); ++step_) {
      fixture_.loop.random.next_fraction = fraction();
      happen();
      check();
    }
    if (!invariants_.violation()) end_well();
    if (!invariants_.violation()) return std::nullopt;
    return fmt::format("step {}: {}", step_, *invariants_.violation());
  }

 private:
  struct Caller {
    TokenOrder order;
    Instant deadline{};
    OperationPtr operation;
    int answers = 0;
  };

  // ---- Chance ----

  int below(int end) { return static_cast<int>(chance_() % static_cast<std::uint64_t>(end)); }
  double fraction() { return static_cast<double>(chance_() % 1000) / 1000; }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return *(choices.begin() + below(static_cast<int>(choices.size())));
  }

  // ---- What can happen ----

  void happen() {
    struct Event {
      int weight;
      void (World::*happens)();
    };
    static constexpr Event kEvents[] = {
        {600, &World::go_on},
        {160, &World::ask},
        {80, &World::let_time_pass},
        {60, &World::come_to_rest},
        {20, &World::leave},
        {15, &World::change_weather},
        {6, &World::crash},
        {6, &World::set_wall_clock},
        {3, &World::suspend_machine},
        {15, &World::reject},
        {15, &World::revoke},
        {5, &World::reload},
        {1, &World::ask_for_everything},
        {10, &World::change_installation},
    };
    int left = 0;
    for (const Event& event : kEvents) left += event.weight;
    left = below(left);
    for (const Event& event : kEvents) {
      left -= event.weight;
      if (left < 0) return (this->*event.happens)();
    }
  }

  // One thing that waits for its turn; false if nothing does.
  bool take_turn() {
    TestLoop& loop = fixture_.loop;
    const int first = below(4);
    for (int i = 0; i < 4; ++i) {
      const int which = (first + i) % 4;
      if (which == 0 && loop.background.step()) return true;
      if (which == 1 && loop.signer.step()) return true;
      if (which == 2 && loop.http.step()) return true;
      if (which == 3 && loop.timers.step(loop.clock.now())) return true;
    }
    return false;
  }

  void go_on() { (void)take_turn(); }

  void come_to_rest() {
    for (int turns = 0; turns < kTurnsMax && take_turn(); ++turns) check();
  }

  void ask() { ask_for(make_order()); }

  void ask_for(const TokenOrder& order) {
    Caller& caller = callers_.emplace_back();
    caller.order = order;
    caller.deadline = fixture_.loop.clock.now() + caller.order.timeout;
    if (auto at_once = fixture_.broker().answer_now(caller.order)) {
      return take(caller, *at_once);
    }
    caller.operation = fixture_.broker().get(
        caller.order, [this, &caller](const Result<Served>& served) { take(caller, served); });
  }

  // More than the app's budget allows at once.
  void ask_for_everything() {
    for (int i = 0; i < kStorm; ++i) {
      TokenOrder order = make_order();
      order.holder.clear();
      order.repositories = {"storm" + std::to_string(i)};
      ask_for(order);
    }
  }

  void let_time_pass() {
    const auto due = fixture_.loop.timers.next_due();
    if (due && below(2) == 0) return go_to(std::max(*due, fixture_.loop.clock.now()));
    go_to(fixture_.loop.clock.now() + one_of<seconds>({1s, 10s, 1min, 5min, 15min}));
  }

  void leave() {
    if (!callers_.empty()) pick_caller().operation.reset();
  }

  void change_weather() {
    const bool is_bad = weather_ == Weather::fine && below(2) == 0;
    weather_ =
        is_bad ? one_of({Weather::failing, Weather::away, Weather::limiting}) : Weather::fine;
    fixture_.loop.http.is_hanging = is_bad && below(4) == 0;
  }

  void change_installation() {
    auto& accounts = fixture_.github.accounts;
    switch (below(6)) {
      case 0:
        accounts.erase("octo-org");
        break;
      case 1:
        accounts["octo-org"] = {++installation_id_, repositories_};
        break;
      case 2:
        accounts["octo-org"] = {installation_id_, repositories_};
        accounts["octo-org"].is_suspended = true;
        break;
      default:
        accounts["octo-org"] = {installation_id_, repositories_};
    }
  }

  void crash() {
    for (Caller& caller : callers_) caller.operation.reset();
    revocations_.clear();
    fixture_.restart();
    invariants_.on_crash();
    seen_requests_ = fixture_.loop.http.calls().size();
  }

  void set_wall_clock() {
    fixture_.loop.clock.set_wall(one_of<seconds>({0s, 1h, -1h, 20min, -20min, 40s}));
  }

  void suspend_machine() {
    fixture_.loop.clock.go_to(fixture_.loop.clock.now() + one_of<seconds>({10min, 1h, 3h}));
    for (Caller& caller : callers_) {  // Who waited is told late: on waking up.
      caller.deadline = std::max(caller.deadline, fixture_.loop.clock.now());
    }
  }

  void reject() {
    if (!last_served_) return;
    (void)fixture_.broker().reject(last_served_->first, last_served_->second, 1000);
  }

  void revoke() {
    if (!last_served_) return;
    const std::string fingerprint = last_served_->second;
    invariants_.on_revoking(fingerprint);
    if (life_.fault == PlantedFault::revoked_alive) return invariants_.on_revoked(fingerprint);
    revocations_.push_back(fixture_.broker().revoke({fingerprint, ""}, {}, 5s,
                                                    [this, fingerprint](const auto& outcome) {
                                                      if (outcome.ok())
                                                        invariants_.on_revoked(fingerprint);
                                                    }));
  }

  void reload() {
    fixture_.broker().forget_refusals();
    fixture_.running->jwts.forget_all();
  }

  // ---- Callers ----

  TokenOrder make_order() {
    TokenOrder order = fixture_.order(repositories_[static_cast<std::size_t>(below(5))]);
    if (below(4) == 0) order.permissions.set("issues", AccessLevel::write);
    if (below(2) == 0) order.life = {one_of<seconds>({60s, 5min, 30min, 50min}), true};
    order.timeout = one_of<seconds>({1s, 5s, 10s, 30s});
    order.priority = one_of({0, 0, 100});
    if (below(10) == 0) {
      order.holder = "caller-" + std::to_string(++holders_);
      order.repositories = {order.holder};  // So that no two of them look alike to GitHub.
    }
    return order;
  }

  void take(Caller& caller, const Result<Served>& served) {
    if (life_.fault == PlantedFault::answer_swallowed && caller.operation) return;
    invariants_.check_answered_once(++caller.answers);
    caller.operation.reset();
    if (!served.ok()) return;
    const CacheEntryPtr& entry = served.value().entry;
    invariants_.check_served(served.value(), caller.order, fixture_.github.now());
    last_served_.emplace(caller.order, entry->token->fingerprint);
    if (life_.fault != PlantedFault::not_audited) {
      fixture_.running->audit.token_given(*entry, "user", kGrant);
    }
    invariants_.check_audited(fixture_.lines.count(entry->token->fingerprint) > 0);
  }

  Caller& pick_caller() {
    return *std::next(callers_.begin(), below(static_cast<int>(callers_.size())));
  }

  // ---- GitHub ----

  enum class Weather : std::uint8_t { fine, failing, away, limiting };

  Result<HttpResponse> answer(const HttpCall& call) {
    invariants_.on_answered(call);
    if (weather_ == Weather::away) return Error{TOKMAN_E_UPSTREAM_DOWN, "connection refused"};
    if (weather_ == Weather::failing && below(3) > 0) return github_refusal(502, "Bad Gateway");
    if (weather_ == Weather::limiting && below(2) == 0) {
      return github_answer(429, "{}", {{"retry-after", std::to_string(1 + below(60))}});
    }
    Result<HttpResponse> given = fixture_.github.answer(call);
    if (given.ok()) note(call, given.value());
    return given;
  }

  void note(const HttpCall& call, const HttpResponse& given) {
    if (call.method == "DELETE") {
      const std::string_view token = std::string_view(call.authorization).substr(7);
      return invariants_.on_revoked(token_fingerprint(token));
    }
    if (given.status != 201) return;
    const json::Value body = json::parse(given.body.reveal(), 8).value();
    UnixTime ends_at = fixture_.github.now() + fixture_.github.lifetime;
    if (life_.fault == PlantedFault::expiry_too_late) ends_at -= 50min;
    invariants_.on_minted(token_fingerprint(*body.find("token").as_text()), ends_at);
  }

  // ---- Time, and what is checked ----

  // What falls due on the way happens at its time.
  void go_to(Instant end) {
    TestLoop& loop = fixture_.loop;
    while (loop.timers.next_due() && *loop.timers.next_due() <= end) {
      loop.clock.go_to(std::max(*loop.timers.next_due(), loop.clock.now()));
      if (!loop.timers.step(loop.clock.now())) break;
      check();
    }
    loop.clock.go_to(std::max(end, loop.clock.now()));
  }

  void check() {
    const auto& calls = fixture_.loop.http.calls();
    const Instant now = fixture_.loop.clock.now();
    for (; seen_requests_ < calls.size(); ++seen_requests_) {
      invariants_.on_request(calls[seen_requests_], now);
      if (life_.fault == PlantedFault::fetched_twice) {
        invariants_.on_request(calls[seen_requests_], now);
      }
    }
    const auto due = fixture_.loop.timers.next_due();
    const bool is_quiet = !due || *due > now;
    for (const Caller& caller : callers_) {
      if (caller.operation && is_quiet) invariants_.check_deadline(caller.deadline, now);
    }
    std::erase_if(callers_, [](const Caller& caller) { return !caller.operation; });
    invariants_.check_size("the cache", fixture_.broker().cache().size(), kCacheEntriesMax);
  }

  // Everyone who still waits is answered in time.
  void end_well() {
    go_to(fixture_.loop.clock.now() + 31s);
    check();
  }

  Life life_;
  std::mt19937_64 chance_;
  Invariants invariants_;
  BrokerFixture fixture_;
  std::vector<std::string> repositories_;
  std::int64_t installation_id_ = 42;
  Weather weather_ = Weather::fine;
  std::list<Caller> callers_;
  std::vector<OperationPtr> revocations_;
  std::optional<std::pair<TokenOrder, std::string>> last_served_;  // With its fingerprint.
  std::size_t seen_requests_ = 0;
  int holders_ = 0;
  int step_ = 0;
};

}  // namespace

std::optional<std::string> find_violation(const Life& life) { return World(life).live(); }

}  // namespace tokman
