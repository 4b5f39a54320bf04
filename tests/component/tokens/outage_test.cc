// GitHub is down for half an hour at minute 20 of every token, and a hundred of them are in use.
#include <fmt/format.h>

#include <cmath>

#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr int kKeys = 100;
constexpr auto kBetweenUses = 5s;

struct OutageFixture : BrokerFixture {
  OutageFixture() { app.installations["octo-org"] = 42; }

  int errors = 0;
  UnixTime recovered_at{};

  // Each key is asked for every few seconds, as 100 busy workers do.
  void use_for(Instant::duration time) {
    for (Instant::duration passed{}; passed < time; passed += kBetweenUses) {
      for (int i = 0; i < kKeys; ++i) start_asking(order(fmt::format("repository-{}", i)));
      loop.random.next_fraction = std::fmod(loop.random.next_fraction + 0.37, 1.0);
      loop.advance(kBetweenUses);
      take_answers();
    }
  }
  void take_answers() {
    for (; !callers.empty() && callers.front().answers > 0; callers.pop_front()) {
      if (!callers.front().has_token()) ++errors;
    }
  }

  // Long enough for each key to have its first token, whatever the budget.
  void warm_up() {
    use_for(2min);
    errors = 0;
  }
  void go_through_outage() {
    warm_up();
    use_for(20min);
    github.is_down = true;
    use_for(30min);
    github.is_down = false;
    recovered_at = loop.clock.unix_now();
  }
  int fresh_keys() {
    int fresh = 0;
    broker().cache().for_each([&](const CacheEntry& entry) {
      if (entry.token->minted_at >= recovered_at) ++fresh;
    });
    return fresh;
  }
};

TEST(OutageFixture, no_caller_sees_an_error) {
  fixture.go_through_outage();
  fixture.use_for(2min);
  assert_int_equal(fixture.errors, 0);
}

TEST(OutageFixture, github_is_left_alone_meanwhile) {
  fixture.warm_up();
  fixture.use_for(20min);
  fixture.github.is_down = true;
  const int before = fixture.mint_requests();
  fixture.use_for(30min);
  assert_in_range(fixture.mint_requests() - before, 1, 5 + 30 * 8);
}

TEST(OutageFixture, with_a_burst_for_it_all_are_fresh_within_a_minute_inside_the_budget) {
  fixture.app.mints_burst = 80;
  fixture.go_through_outage();
  const int before = fixture.mint_requests();
  fixture.use_for(60s);
  assert_int_equal(fixture.fresh_keys(), kKeys);
  assert_true(fixture.mint_requests() - before <= 80 + 30);
}

TEST(OutageFixture, with_the_defaults_ninety_are_fresh_a_minute_after_the_first_answer) {
  fixture.go_through_outage();
  while (fixture.fresh_keys() == 0) fixture.use_for(kBetweenUses);
  fixture.use_for(60s - kBetweenUses);
  assert_in_range(fixture.fresh_keys(), 85, 90);
  fixture.use_for(25s);
  assert_int_equal(fixture.fresh_keys(), kKeys);
}

TEST(OutageFixture, nobody_has_to_ask_for_it) {
  fixture.app.mints_burst = 80;
  fixture.go_through_outage();
  fixture.loop.advance(60s);
  assert_int_equal(fixture.fresh_keys(), kKeys);
}

TEST(OutageFixture, who_asks_when_no_token_lives_any_more_is_told_that_github_is_down) {
  fixture.warm_up();
  fixture.github.is_down = true;
  fixture.loop.advance(2h);
  TokenCaller& caller = fixture.ask(fixture.order("repository-1"));
  fixture.loop.advance(10s);
  assert_true(caller.was_refused_with(TOKMAN_E_UPSTREAM_DOWN));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(OutageFixture, no_caller_sees_an_error),
      RUN(OutageFixture, github_is_left_alone_meanwhile),
      RUN(OutageFixture, with_a_burst_for_it_all_are_fresh_within_a_minute_inside_the_budget),
      RUN(OutageFixture, with_the_defaults_ninety_are_fresh_a_minute_after_the_first_answer),
      RUN(OutageFixture, nobody_has_to_ask_for_it),
      RUN(OutageFixture, who_asks_when_no_token_lives_any_more_is_told_that_github_is_down),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
