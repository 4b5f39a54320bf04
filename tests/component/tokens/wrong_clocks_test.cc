// This machine's clock is wrong, or is set, or stands still: tokens go by GitHub's clock.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr int kTokens = 100;

struct WrongClocks : BrokerFixture {
  void ask_for_many(int tokens = kTokens) {
    for (int i = 0; i < tokens; ++i) {
      const std::string repository = "r" + std::to_string(i);
      if (i >= repositories_made) github.accounts["octo-org"].repositories.push_back(repository);
      repositories_made = std::max(repositories_made, i + 1);
      ask(order(repository));
      loop.advance(2s);  // Within the app's budget.
    }
  }
  void set_wall(seconds ahead_of_truth) { loop.clock.set_wall(ahead_of_truth); }
  bool all_have_tokens() const {
    return std::all_of(callers.begin(), callers.end(),
                       [](const TokenCaller& caller) { return caller.has_token(); });
  }
  // Whether one is given without GitHub, which does not answer now.
  bool has_token_at_hand() {
    loop.http.is_hanging = true;
    return start_asking().has_token();
  }

  int repositories_made = 0;
};

TEST(WrongClocks, a_clock_that_is_wrong_from_the_start_costs_no_mint) {
  for (const seconds wrong : {seconds(20min), seconds(-20min)}) {
    WrongClocks world;
    world.set_wall(wrong);
    world.ask();
    world.loop.advance(30min);
    assert_true(world.ask().source == TokenSource::cache);
    assert_int_equal(world.github.mints, 1);
  }
}

TEST(WrongClocks, when_a_token_was_minted_is_told_by_githubs_clock) {
  fixture.set_wall(20min);
  const UnixTime minted_at = fixture.ask().entry->token->minted_at;
  assert_true(minted_at == fixture.github.now());
}

TEST(WrongClocks, a_step_of_an_hour_with_many_tokens_mints_nothing) {
  for (const seconds step : {seconds(1h), seconds(-1h)}) {
    WrongClocks world;
    world.ask_for_many();
    world.set_wall(step);
    world.loop.advance(5min);
    world.ask_for_many();
    assert_true(world.all_have_tokens());
    assert_int_equal(world.github.mints, kTokens);
  }
}

TEST(WrongClocks, after_a_step_back_no_dead_token_is_served) {
  fixture.ask();
  fixture.set_wall(-1h);
  fixture.loop.http.is_hanging = true;
  fixture.loop.advance(54min);
  assert_true(fixture.has_token_at_hand());
  fixture.loop.advance(6min);
  assert_false(fixture.has_token_at_hand());
}

TEST(WrongClocks, tokens_are_renewed_at_their_time_in_spite_of_a_step) {
  fixture.ask();
  fixture.set_wall(-1h);
  fixture.loop.advance(41min);
  assert_int_equal(fixture.github.mints, 2);
}

TEST(WrongClocks, after_a_suspend_no_dead_token_is_served) {
  fixture.ask();
  fixture.loop.clock.go_to(fixture.loop.clock.now() + 2h);
  assert_false(fixture.has_token_at_hand());
}

TEST(WrongClocks, after_a_suspend_a_token_that_lives_is_served) {
  fixture.ask();
  fixture.loop.clock.go_to(fixture.loop.clock.now() + 30min);
  assert_true(fixture.has_token_at_hand());
}

TEST(WrongClocks, after_a_restart_a_fast_clock_still_finds_the_token_alive) {
  fixture.set_wall(20min);
  fixture.ask();
  fixture.loop.advance(30min);
  fixture.kill();
  fixture.loop.advance(15min);
  fixture.start();
  assert_true(fixture.has_token_at_hand());
}

TEST(WrongClocks, after_a_restart_a_slow_clock_finds_the_token_dead) {
  fixture.set_wall(-20min);
  fixture.ask();
  fixture.kill();
  fixture.loop.advance(61min);
  fixture.start();
  assert_false(fixture.has_token_at_hand());
}

TEST(WrongClocks, the_hourly_sweep_of_a_fast_clock_leaves_live_tokens_in_the_store) {
  fixture.ask();
  fixture.kill();
  fixture.set_wall(1h);
  fixture.start();
  fixture.broker().sweep_store();
  fixture.loop.run();
  fixture.set_wall(0s);
  assert_true(fixture.has_token_at_hand());
}

TEST(WrongClocks, once_githubs_clock_is_known_what_is_due_by_it_is_done) {
  fixture.ask();
  fixture.kill();
  fixture.loop.advance(45min);
  fixture.set_wall(-30min);
  fixture.start();
  assert_true(fixture.start_asking().source == TokenSource::cache);
  assert_int_equal(fixture.mint_requests(), 1);
  fixture.loop.run();  // The installation is looked up, and the answer has its date.
  assert_int_equal(fixture.mint_requests(), 2);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(WrongClocks, a_clock_that_is_wrong_from_the_start_costs_no_mint),
      RUN(WrongClocks, when_a_token_was_minted_is_told_by_githubs_clock),
      RUN(WrongClocks, a_step_of_an_hour_with_many_tokens_mints_nothing),
      RUN(WrongClocks, after_a_step_back_no_dead_token_is_served),
      RUN(WrongClocks, tokens_are_renewed_at_their_time_in_spite_of_a_step),
      RUN(WrongClocks, after_a_suspend_no_dead_token_is_served),
      RUN(WrongClocks, after_a_suspend_a_token_that_lives_is_served),
      RUN(WrongClocks, after_a_restart_a_fast_clock_still_finds_the_token_alive),
      RUN(WrongClocks, after_a_restart_a_slow_clock_finds_the_token_dead),
      RUN(WrongClocks, the_hourly_sweep_of_a_fast_clock_leaves_live_tokens_in_the_store),
      RUN(WrongClocks, once_githubs_clock_is_known_what_is_due_by_it_is_done),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
