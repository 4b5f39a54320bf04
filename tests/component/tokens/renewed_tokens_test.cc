// Tokens in use are fetched anew before anyone has to wait for them.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

// With a chance of 0 renewal is due at 40 of 60 minutes to the second.
struct RenewedFixture : BrokerFixture {
  RenewedFixture() {
    app.installations["octo-org"] = 42;
    loop.random.next_fraction = 0;
  }

  // Lets time pass in which the token is asked for once a minute.
  void use_for(std::chrono::minutes time) {
    for (std::chrono::minutes used{0}; used < time; ++used) {
      loop.advance(1min);
      ask();
    }
  }
};

TEST(RenewedFixture, a_token_in_use_is_renewed_when_it_is_due) {
  fixture.ask();
  fixture.loop.advance(40min - 1ms);
  assert_int_equal(fixture.github.mints, 1);
  fixture.loop.advance(1ms);
  assert_int_equal(fixture.github.mints, 2);
}

TEST(RenewedFixture, callers_get_the_new_token_without_waiting) {
  const std::string first = fixture.ask().fingerprint;
  fixture.loop.advance(40min);
  const TokenCaller& caller = fixture.start_asking();
  assert_true(caller.source == TokenSource::cache);
  assert_string_not_equal(caller.fingerprint.c_str(), first.c_str());
}

TEST(RenewedFixture, while_it_is_renewed_the_old_token_serves) {
  const std::string first = fixture.ask().fingerprint;
  fixture.loop.http.is_hanging = true;
  fixture.loop.advance(45min);
  const TokenCaller& caller = fixture.start_asking();
  assert_true(caller.source == TokenSource::cache);
  assert_string_equal(caller.fingerprint.c_str(), first.c_str());
}

TEST(RenewedFixture, a_renewal_keeps_the_entry_that_sessions_hold) {
  const CacheEntryPtr held = fixture.ask().entry;
  const std::string first = held->token->fingerprint;
  fixture.loop.advance(40min);
  assert_true(held->is_current);
  assert_string_not_equal(held->token->fingerprint.c_str(), first.c_str());
}

TEST(RenewedFixture, a_renewed_token_is_asked_for_as_the_first_one_was) {
  fixture.ask();
  fixture.loop.advance(40min);
  assert_string_equal(fixture.loop.http.calls()[1].url.c_str(),
                      fixture.loop.http.calls()[0].url.c_str());
  assert_string_equal(fixture.loop.http.calls()[1].body.c_str(),
                      fixture.loop.http.calls()[0].body.c_str());
}

TEST(RenewedFixture, a_token_that_nobody_uses_is_renewed_no_second_time) {
  fixture.ask();
  fixture.loop.advance(24h);
  assert_int_equal(fixture.github.mints, 2);
}

TEST(RenewedFixture, a_token_in_use_is_renewed_again_and_again) {
  fixture.ask();
  fixture.use_for(4h);
  assert_int_equal(fixture.github.mints, 1 + 240 / 40);
}

TEST(RenewedFixture, a_token_that_was_idle_when_due_is_renewed_on_its_next_use) {
  fixture.ask();
  fixture.loop.advance(40min);  // The new token is not used when it is due itself, at 80 min.
  fixture.loop.advance(42min);
  assert_int_equal(fixture.github.mints, 2);
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.source == TokenSource::cache);
  assert_int_equal(fixture.github.mints, 3);
}

TEST(RenewedFixture, jitter_spreads_renewals_to_the_early_side) {
  fixture.loop.random.next_fraction = 0.5;
  fixture.ask();
  fixture.loop.advance(39min);
  assert_int_equal(fixture.github.mints, 2);
}

TEST(RenewedFixture, many_uses_while_it_is_due_cost_one_mint) {
  fixture.ask();
  fixture.loop.http.is_hanging = true;
  fixture.loop.advance(40min);
  for (int i = 0; i < 100; ++i) fixture.ask();
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(RenewedFixture, a_caller_who_needs_the_new_token_waits_for_the_renewal_under_way) {
  fixture.ask();
  fixture.loop.http.is_hanging = true;
  fixture.loop.advance(40min);
  const TokenCaller& caller = fixture.ask(fixture.order_living(50min));
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_true(caller.has_token());
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(RenewedFixture, while_renewal_fails_in_passing_the_old_token_serves) {
  const std::string first = fixture.ask().fingerprint;
  fixture.fail_mints(1000, 502);
  fixture.loop.advance(50min);
  const TokenCaller& caller = fixture.start_asking();
  assert_true(caller.source == TokenSource::cache);
  assert_string_equal(caller.fingerprint.c_str(), first.c_str());
}

TEST(RenewedFixture, a_renewal_that_failed_is_tried_again_when_the_token_is_used) {
  fixture.ask();
  fixture.fail_mints(1, 502);
  fixture.loop.advance(41min);
  fixture.ask();
  assert_int_equal(fixture.github.mints, 2);
}

TEST(RenewedFixture, a_renewal_that_failed_is_tried_again_when_nobody_asks) {
  fixture.ask();
  fixture.fail_mints(30, 502);
  fixture.loop.advance(55min);
  assert_int_equal(fixture.github.mints, 2);
}

TEST(RenewedFixture, while_github_fails_a_renewal_is_tried_eight_times_a_minute_at_most) {
  fixture.ask();
  fixture.fail_mints(1000, 502);
  fixture.loop.advance(45min);
  const int before = fixture.mint_requests();
  for (int second = 0; second < 120; ++second) {
    fixture.loop.advance(1s);
    fixture.ask();
  }
  assert_true(fixture.mint_requests() - before <= 16);
}

TEST(RenewedFixture, a_renewal_that_never_works_ends_with_its_token) {
  fixture.ask();
  fixture.fail_mints(10'000, 502);
  fixture.loop.advance(61min);
  const int requests = fixture.mint_requests();
  fixture.loop.advance(10min);
  assert_int_equal(fixture.mint_requests(), requests);
}

TEST(RenewedFixture, a_renewal_that_github_refuses_is_tried_twice_a_minute_at_most) {
  fixture.ask();
  fixture.loop.advance(39min);
  fixture.fail_mints(1000, 403, "Resource not accessible by integration");
  for (int second = 0; second < 120; ++second) {
    fixture.loop.advance(1s);
    fixture.ask();
  }
  assert_true(fixture.mint_requests() <= 4);
}

TEST(RenewedFixture, a_renewal_waits_as_long_as_github_asks_for) {
  fixture.ask();
  fixture.github.mint_failures.emplace_back(github_answer(429, "{}", {{"retry-after", "600"}}));
  fixture.loop.advance(40min);
  fixture.use_for(9min);
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(RenewedFixture, tokens_of_an_app_that_was_removed_are_not_renewed) {
  fixture.ask();
  fixture.app_is_configured = false;
  fixture.loop.advance(50min);
  assert_int_equal(fixture.github.mints, 1);
}

TEST(RenewedFixture, a_renewal_uses_the_apps_present_settings) {
  fixture.ask();
  fixture.app.proxy = "http://proxy.example:3128";
  fixture.loop.advance(40min);
  assert_string_equal(fixture.loop.http.calls().back().proxy.c_str(), "http://proxy.example:3128");
}

TEST(RenewedFixture, a_short_lived_token_is_renewed_at_two_thirds_of_its_life) {
  fixture.github.lifetime = 6min;
  fixture.ask();
  fixture.loop.advance(4min);
  assert_int_equal(fixture.github.mints, 2);
}

TEST(RenewedFixture, a_token_due_before_a_restart_is_renewed_when_it_is_used_after_it) {
  fixture.ask();
  fixture.kill();
  fixture.loop.advance(45min);
  fixture.start();
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.source == TokenSource::cache);
  assert_int_equal(fixture.github.mints, 2);
}

TEST(RenewedFixture, a_suspended_installations_tokens_are_dropped_when_renewal_tells) {
  fixture.ask();
  fixture.github.accounts["octo-org"].is_suspended = true;
  fixture.loop.advance(40min);
  assert_int_equal(fixture.broker().cache().size(), 0);
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_INSTALLATION_SUSPENDED));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RenewedFixture, a_token_in_use_is_renewed_when_it_is_due),
      RUN(RenewedFixture, callers_get_the_new_token_without_waiting),
      RUN(RenewedFixture, while_it_is_renewed_the_old_token_serves),
      RUN(RenewedFixture, a_renewal_keeps_the_entry_that_sessions_hold),
      RUN(RenewedFixture, a_renewed_token_is_asked_for_as_the_first_one_was),
      RUN(RenewedFixture, a_token_that_nobody_uses_is_renewed_no_second_time),
      RUN(RenewedFixture, a_token_in_use_is_renewed_again_and_again),
      RUN(RenewedFixture, a_token_that_was_idle_when_due_is_renewed_on_its_next_use),
      RUN(RenewedFixture, jitter_spreads_renewals_to_the_early_side),
      RUN(RenewedFixture, many_uses_while_it_is_due_cost_one_mint),
      RUN(RenewedFixture, a_caller_who_needs_the_new_token_waits_for_the_renewal_under_way),
      RUN(RenewedFixture, while_renewal_fails_in_passing_the_old_token_serves),
      RUN(RenewedFixture, a_renewal_that_failed_is_tried_again_when_the_token_is_used),
      RUN(RenewedFixture, a_renewal_that_failed_is_tried_again_when_nobody_asks),
      RUN(RenewedFixture, while_github_fails_a_renewal_is_tried_eight_times_a_minute_at_most),
      RUN(RenewedFixture, a_renewal_that_never_works_ends_with_its_token),
      RUN(RenewedFixture, a_renewal_that_github_refuses_is_tried_twice_a_minute_at_most),
      RUN(RenewedFixture, a_renewal_waits_as_long_as_github_asks_for),
      RUN(RenewedFixture, tokens_of_an_app_that_was_removed_are_not_renewed),
      RUN(RenewedFixture, a_renewal_uses_the_apps_present_settings),
      RUN(RenewedFixture, a_short_lived_token_is_renewed_at_two_thirds_of_its_life),
      RUN(RenewedFixture, a_token_due_before_a_restart_is_renewed_when_it_is_used_after_it),
      RUN(RenewedFixture, a_suspended_installations_tokens_are_dropped_when_renewal_tells),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
