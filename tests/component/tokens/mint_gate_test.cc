// Whose mint is next, what it waits for, and what it is told meanwhile.
#include "daemon/services/tokens/mint_gate.h"

#include <deque>

#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct GateFixture : GithubFixture {
  struct Guest {
    std::unique_ptr<MintGate::Place> place;
    int number_in_order = 0;  // 0: has not had its turn.
    std::optional<Error> held;
    std::optional<Error> turned_away;
    int events = 0;
  };

  MintGate gate{{traffic, loop.clock, loop.timers}};
  std::deque<Guest> guests;
  int turns = 0;

  GateFixture() {
    app.mints_burst = 2;
    loop.random.next_fraction = 0;
  }

  Guest& come(int priority = 0, Instant::duration patience = 1h) {
    return come_to(app, priority, patience);
  }
  Guest& come_to(const AppConfig& to, int priority = 0, Instant::duration patience = 1h) {
    Guest& guest = guests.emplace_back();
    const Instant now = loop.clock.now();
    guest.place = gate.enter(to, {priority, now, now + patience},
                             {.on_held =
                                  [&guest](const Error& error) {
                                    ++guest.events;
                                    guest.held = error;
                                  },
                              .on_turn =
                                  [this, &guest] {
                                    ++guest.events;
                                    guest.number_in_order = ++turns;
                                  },
                              .on_turned_away =
                                  [&guest](const Error& error) {
                                    ++guest.events;
                                    guest.turned_away = error;
                                  }});
    return guest;
  }
  void spend_budget() {
    come();
    come();
    loop.run();
  }
  void say(int status, std::map<std::string, std::string> headers = {}) {
    traffic.on_answer(app, github_answer(status, "{}", std::move(headers)));
  }
  void break_host() {
    for (int i = 0; i < 5; ++i) say(502);
  }
};

TEST(GateFixture, nothing_is_called_before_enter_has_returned) {
  assert_int_equal(fixture.come().events, 0);
}

TEST(GateFixture, within_the_budget_a_mint_has_its_turn_at_once_and_is_told_nothing_else) {
  const auto& guest = fixture.come();
  fixture.loop.run();
  assert_int_equal(guest.number_in_order, 1);
  assert_int_equal(guest.events, 1);
}

TEST(GateFixture, beyond_the_budget_it_waits_until_there_is_some_again) {
  fixture.spend_budget();
  const auto& guest = fixture.come();
  fixture.loop.advance(2s - 1ms);
  assert_int_equal(guest.number_in_order, 0);
  fixture.loop.advance(1ms);
  assert_int_equal(guest.number_in_order, 3);
}

TEST(GateFixture, who_has_to_wait_is_told_at_once_why_and_how_long) {
  fixture.spend_budget();
  const auto& guest = fixture.come();
  fixture.loop.run();
  assert_int_equal(guest.held->code, TOKMAN_E_RATE_LIMITED);
  assert_true(guest.held->retry_after == 4s);
}

TEST(GateFixture, who_has_to_wait_is_told_once) {
  fixture.spend_budget();
  const auto& guest = fixture.come();
  fixture.come(1);
  fixture.come(1);
  fixture.loop.advance(2s);
  assert_int_equal(guest.events, 1);
}

TEST(GateFixture, the_highest_priority_goes_first) {
  fixture.spend_budget();
  const auto& low = fixture.come(0);
  const auto& high = fixture.come(7);
  fixture.loop.advance(4s);
  assert_int_equal(high.number_in_order, 3);
  assert_int_equal(low.number_in_order, 4);
}

TEST(GateFixture, who_is_raised_goes_sooner) {
  fixture.spend_budget();
  const auto& first = fixture.come(0);
  auto& raised = fixture.come(0);
  raised.place->raise(7, Instant());
  fixture.loop.advance(4s);
  assert_int_equal(raised.number_in_order, 3);
  assert_int_equal(first.number_in_order, 4);
}

TEST(GateFixture, who_leaves_takes_nobodys_turn) {
  fixture.spend_budget();
  auto& gone = fixture.come(7);
  const auto& stays = fixture.come(0);
  gone.place.reset();
  fixture.loop.advance(2s);
  assert_int_equal(gone.events, 0);
  assert_int_equal(stays.number_in_order, 3);
}

TEST(GateFixture, who_is_no_longer_wanted_takes_nothing_from_the_budget) {
  fixture.spend_budget();
  const auto& late = fixture.come(7, 3s);
  fixture.come(8);
  const auto& patient = fixture.come(0);
  fixture.loop.advance(4s);
  assert_true(late.turned_away.has_value());
  assert_int_equal(patient.number_in_order, 4);
}

TEST(GateFixture, who_is_wanted_longer_meanwhile_stays) {
  fixture.spend_budget();
  auto& guest = fixture.come(7, 3s);
  fixture.come(8);
  guest.place->raise(0, fixture.loop.clock.now() + 1min);
  fixture.loop.advance(4s);
  assert_int_equal(guest.number_in_order, 4);
}

TEST(GateFixture, a_paused_app_has_no_turns) {
  fixture.say(429, {{"retry-after", "30"}});
  const auto& guest = fixture.come();
  fixture.loop.advance(30s - 1ms);
  assert_int_equal(guest.number_in_order, 0);
  assert_int_equal(guest.held->code, TOKMAN_E_UPSTREAM_LIMITED);
  fixture.loop.advance(1ms);
  assert_int_equal(guest.number_in_order, 1);
}

TEST(GateFixture, who_cannot_have_its_turn_in_time_is_turned_away_at_once) {
  fixture.say(429, {{"retry-after", "30"}});
  const auto& guest = fixture.come(0, 10s);
  fixture.loop.run();
  assert_int_equal(guest.turned_away->code, TOKMAN_E_UPSTREAM_LIMITED);
  assert_true(guest.turned_away->retry_after == 30s);
}

TEST(GateFixture, another_app_goes_on) {
  fixture.say(429, {{"retry-after", "30"}});
  const auto& guest = fixture.come_to(make_app("other"));
  fixture.loop.run();
  assert_int_equal(guest.number_in_order, 1);
}

TEST(GateFixture, while_the_host_fails_one_goes_as_the_probe) {
  fixture.break_host();
  const auto& best = fixture.come(1);
  const auto& next = fixture.come(0);
  fixture.loop.advance(1s);
  assert_int_equal(best.number_in_order, 1);
  assert_int_equal(next.number_in_order, 0);
  assert_int_equal(next.held->code, TOKMAN_E_UPSTREAM_DOWN);
}

TEST(GateFixture, a_probe_that_succeeds_lets_the_rest_go_within_the_budget) {
  fixture.break_host();
  for (int i = 0; i < 5; ++i) fixture.come();
  fixture.loop.advance(1s);
  fixture.say(201);
  fixture.loop.run();
  assert_int_equal(fixture.turns, 2);
  fixture.loop.advance(6s);
  assert_int_equal(fixture.turns, 5);
}

TEST(GateFixture, a_probe_that_fails_lets_the_next_go_after_the_next_pause) {
  fixture.break_host();
  fixture.come();
  const auto& next = fixture.come();
  fixture.loop.advance(1s);
  fixture.say(502);
  fixture.loop.advance(2s - 1ms);
  assert_int_equal(next.number_in_order, 0);
  fixture.loop.advance(1ms);
  assert_int_equal(next.number_in_order, 2);
}

TEST(GateFixture, when_too_many_wait_the_least_urgent_is_turned_away) {
  fixture.spend_budget();
  for (std::size_t i = 0; i < kMintsWaitingMax - 1; ++i) fixture.come(5);
  const auto& least = fixture.come(0);
  fixture.loop.run();
  assert_false(least.turned_away.has_value());
  fixture.come(5);
  fixture.loop.run();
  assert_int_equal(least.turned_away->code, TOKMAN_E_RATE_LIMITED);
  assert_int_equal(fixture.gate.view(fixture.app).waiting, kMintsWaitingMax);
}

TEST(GateFixture, new_limits_hold_for_who_comes_next) {
  fixture.spend_budget();
  fixture.app.mints_burst = 3;
  const auto& guest = fixture.come();
  fixture.loop.run();
  assert_int_equal(guest.number_in_order, 3);
}

TEST(GateFixture, it_shows_its_budget_and_how_many_wait) {
  assert_int_equal(fixture.gate.view(fixture.app).budget, 2);
  for (int i = 0; i < 5; ++i) fixture.come();
  fixture.loop.run();
  assert_int_equal(fixture.gate.view(fixture.app).budget, 0);
  assert_int_equal(fixture.gate.view(fixture.app).waiting, 3);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(GateFixture, nothing_is_called_before_enter_has_returned),
      RUN(GateFixture, within_the_budget_a_mint_has_its_turn_at_once_and_is_told_nothing_else),
      RUN(GateFixture, beyond_the_budget_it_waits_until_there_is_some_again),
      RUN(GateFixture, who_has_to_wait_is_told_at_once_why_and_how_long),
      RUN(GateFixture, who_has_to_wait_is_told_once),
      RUN(GateFixture, the_highest_priority_goes_first),
      RUN(GateFixture, who_is_raised_goes_sooner),
      RUN(GateFixture, who_leaves_takes_nobodys_turn),
      RUN(GateFixture, who_is_no_longer_wanted_takes_nothing_from_the_budget),
      RUN(GateFixture, who_is_wanted_longer_meanwhile_stays),
      RUN(GateFixture, a_paused_app_has_no_turns),
      RUN(GateFixture, who_cannot_have_its_turn_in_time_is_turned_away_at_once),
      RUN(GateFixture, another_app_goes_on),
      RUN(GateFixture, while_the_host_fails_one_goes_as_the_probe),
      RUN(GateFixture, a_probe_that_succeeds_lets_the_rest_go_within_the_budget),
      RUN(GateFixture, a_probe_that_fails_lets_the_next_go_after_the_next_pause),
      RUN(GateFixture, when_too_many_wait_the_least_urgent_is_turned_away),
      RUN(GateFixture, new_limits_hold_for_who_comes_next),
      RUN(GateFixture, it_shows_its_budget_and_how_many_wait),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
