// What a daemon that was killed still has when it comes back.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct RestartFixture : BrokerFixture {
  std::string token_key() const { return order().key_at(42); }

  // Puts bytes that do not open in the place of the stored token.
  void spoil_stored_token() {
    kill();
    OpenStore store(folder, loop.background, log);
    const auto outcome = store.database->store().write([](WriteTxn& txn) -> Result<Done> {
      const Table table = txn.open_table("tokens").value();
      std::string key;
      const auto seen = txn.for_each(table, "", [&](std::string_view at, std::string_view) {
        key = at;
        return false;
      });
      return seen.ok() ? txn.put(table, key, "these bytes were never sealed by anyone") : seen;
    });
    assert_true(outcome.ok());
  }
};

TEST(RestartFixture, a_token_is_served_again_after_a_restart) {
  const std::string before = fixture.ask().fingerprint;
  fixture.restart();
  const TokenCaller& caller = fixture.ask();
  assert_true(caller.source == TokenSource::cache);
  assert_string_equal(caller.fingerprint.c_str(), before.c_str());
}

TEST(RestartFixture, a_restart_mints_nothing) {
  fixture.ask();
  fixture.ask(fixture.order("spoon-knife"));
  fixture.restart();
  fixture.ask();
  fixture.ask(fixture.order("spoon-knife"));
  assert_int_equal(fixture.github.mints, 2);
}

TEST(RestartFixture, after_a_restart_the_first_answer_waits_for_nobody) {
  fixture.ask();
  fixture.restart();
  fixture.loop.http.is_hanging = true;
  assert_true(fixture.start_asking().has_token());
}

TEST(RestartFixture, the_answer_after_a_restart_is_the_same_to_the_byte) {
  const std::string before = fixture.ask().frame;
  fixture.restart();
  assert_string_equal(fixture.ask().frame.c_str(), before.c_str());
}

TEST(RestartFixture, a_token_that_expired_meanwhile_is_minted_anew) {
  fixture.ask();
  fixture.kill();
  fixture.loop.advance(1h);
  fixture.start();
  assert_true(fixture.ask().source == TokenSource::minted);
}

TEST(RestartFixture, a_token_that_lives_too_short_is_still_there_if_github_fails) {
  fixture.ask();
  fixture.kill();
  fixture.loop.advance(59min);
  fixture.start();
  fixture.fail_mints(1000, 502);
  assert_true(fixture.ask().source == TokenSource::stale);
}

TEST(RestartFixture, a_token_whose_stored_bytes_do_not_open_is_minted_anew) {
  fixture.ask();
  fixture.spoil_stored_token();
  fixture.start();
  assert_true(fixture.ask().source == TokenSource::minted);
}

TEST(RestartFixture, stored_bytes_that_do_not_open_are_logged) {
  fixture.ask();
  fixture.spoil_stored_token();
  fixture.start();
  fixture.ask();
  assert_int_equal(fixture.lines.count("event=\"stored token dropped\" app=ci"), 1);
}

TEST(RestartFixture, stored_bytes_that_do_not_open_are_replaced) {
  fixture.ask();
  fixture.spoil_stored_token();
  fixture.start();
  fixture.ask();
  fixture.restart();
  assert_true(fixture.ask().source == TokenSource::cache);
}

TEST(RestartFixture, a_suspended_installations_token_does_not_come_back) {
  fixture.ask();
  fixture.github.accounts["octo-org"].is_suspended = true;
  fixture.ask(fixture.order("spoon-knife"));
  fixture.restart();
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_INSTALLATION_SUSPENDED));
}

// An hour after their end: this machine's clock may be that much ahead of GitHub's.
TEST(RestartFixture, a_sweep_drops_what_expired_while_the_daemon_was_down) {
  fixture.ask();
  fixture.kill();
  fixture.loop.advance(2h);
  fixture.start();
  fixture.broker().sweep_store();
  fixture.loop.run();
  assert_false(fixture.running->store.tokens.find(fixture.token_key()).value().has_value());
}

TEST(RestartFixture, the_store_is_swept_every_hour) {
  fixture.ask();
  fixture.restart();  // Nobody asks, so the token is not in memory.
  fixture.broker().sweep_store();
  fixture.loop.advance(119min);
  assert_true(fixture.running->store.tokens.find(fixture.token_key()).value().has_value());
  fixture.loop.advance(1min);
  assert_false(fixture.running->store.tokens.find(fixture.token_key()).value().has_value());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RestartFixture, a_token_is_served_again_after_a_restart),
      RUN(RestartFixture, a_restart_mints_nothing),
      RUN(RestartFixture, after_a_restart_the_first_answer_waits_for_nobody),
      RUN(RestartFixture, the_answer_after_a_restart_is_the_same_to_the_byte),
      RUN(RestartFixture, a_token_that_expired_meanwhile_is_minted_anew),
      RUN(RestartFixture, a_token_that_lives_too_short_is_still_there_if_github_fails),
      RUN(RestartFixture, a_token_whose_stored_bytes_do_not_open_is_minted_anew),
      RUN(RestartFixture, stored_bytes_that_do_not_open_are_logged),
      RUN(RestartFixture, stored_bytes_that_do_not_open_are_replaced),
      RUN(RestartFixture, a_suspended_installations_token_does_not_come_back),
      RUN(RestartFixture, a_sweep_drops_what_expired_while_the_daemon_was_down),
      RUN(RestartFixture, the_store_is_swept_every_hour),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
