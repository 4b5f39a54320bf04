// A revoked token is given to nobody any more, wherever it was.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct RevokeFixture : BrokerFixture {
  RevokeFixture() { app.installations["octo-org"] = 42; }

  OperationPtr revoking;
  std::optional<Result<TokenRevocations::Outcome>> outcome;

  void start_revoking(const RevocationTarget& target) {
    revoking = broker().revoke(target, {}, 10s, [this](const auto& result) { outcome = result; });
  }
  void revoke(const RevocationTarget& target) {
    start_revoking(target);
    loop.run();
  }
  std::int64_t revoked() const { return outcome->value().revoked; }
};

TEST(RevokeFixture, a_revoked_token_is_given_to_nobody_from_that_moment) {
  const std::string revoked = fixture.ask().fingerprint;
  const CacheEntryPtr remembered = fixture.callers.back().entry;
  fixture.start_revoking({.fingerprint = revoked, .app = ""});
  assert_false(remembered->is_current);
  assert_true(fixture.ask().fingerprint != revoked);
}

TEST(RevokeFixture, a_revoked_token_is_revoked_at_github) {
  fixture.revoke({.fingerprint = fixture.ask().fingerprint, .app = ""});
  assert_int_equal(fixture.revoked(), 1);
  assert_int_equal(fixture.outcome->value().pending, 0);
  assert_int_equal(fixture.github.revoked.size(), 1);
}

TEST(RevokeFixture, a_revoked_token_stays_away_after_a_restart) {
  const std::string revoked = fixture.ask().fingerprint;
  fixture.revoke({.fingerprint = revoked, .app = ""});
  fixture.restart();
  assert_true(fixture.ask().fingerprint != revoked);
}

TEST(RevokeFixture, a_token_that_is_only_in_the_store_is_revoked_too) {
  const std::string revoked = fixture.ask().fingerprint;
  fixture.restart();
  fixture.start_revoking({.fingerprint = revoked, .app = ""});
  assert_true(fixture.ask().fingerprint != revoked);
  assert_int_equal(fixture.revoked(), 1);
  assert_int_equal(fixture.github.revoked.size(), 1);
}

TEST(RevokeFixture, a_token_that_was_evicted_from_memory_is_revoked_too) {
  fixture.cache_entries_max = 1;
  fixture.restart();
  const std::string revoked = fixture.ask().fingerprint;
  fixture.ask(fixture.order("spoon-knife"));
  fixture.revoke({.fingerprint = revoked, .app = ""});
  assert_int_equal(fixture.revoked(), 1);
}

TEST(RevokeFixture, other_tokens_stay) {
  const std::string other = fixture.ask(fixture.order("spoon-knife")).fingerprint;
  fixture.revoke({.fingerprint = fixture.ask().fingerprint, .app = ""});
  assert_true(fixture.ask(fixture.order("spoon-knife")).fingerprint == other);
}

TEST(RevokeFixture, an_unknown_token_revokes_nothing) {
  fixture.ask();
  fixture.revoke({.fingerprint = "unknown", .app = ""});
  assert_int_equal(fixture.revoked(), 0);
  assert_int_equal(fixture.github.revoked.size(), 0);
}

TEST(RevokeFixture, all_tokens_of_an_app_are_revoked_in_memory_and_in_the_store) {
  fixture.ask();
  fixture.restart();
  fixture.ask(fixture.order("spoon-knife"));
  fixture.revoke({.fingerprint = "", .app = "ci"});
  assert_int_equal(fixture.revoked(), 2);
  assert_int_equal(fixture.github.revoked.size(), 2);
  assert_true(fixture.ask().source == TokenSource::minted);
}

TEST(RevokeFixture, the_tokens_of_another_app_stay) {
  const std::string kept = fixture.ask().fingerprint;
  fixture.revoke({.fingerprint = "", .app = "bot"});
  assert_int_equal(fixture.revoked(), 0);
  assert_true(fixture.ask().fingerprint == kept);
}

TEST(RevokeFixture, what_is_being_minted_for_the_app_does_not_come_back) {
  fixture.loop.http.is_hanging = true;
  TokenCaller& caller = fixture.ask();
  fixture.revoke({.fingerprint = "", .app = "ci"});
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_int_equal(fixture.mint_requests(), 2);
  assert_int_equal(fixture.github.revoked.size(), 1);
  assert_true(fixture.github.revoked.begin()->find("0000001") != std::string::npos);
  assert_true(caller.frame.find("0000002") != std::string::npos);
}

TEST(RevokeFixture, what_is_being_minted_while_its_like_are_dropped_does_not_come_back) {
  fixture.loop.http.is_hanging = true;
  TokenCaller& caller = fixture.ask();
  fixture.broker().drop({"ci", 42}, "installation_repositories.removed");
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_int_equal(fixture.mint_requests(), 2);
  assert_true(caller.frame.find("0000002") != std::string::npos);
}

TEST(RevokeFixture, a_token_minted_after_the_revocation_is_kept) {
  fixture.ask();
  fixture.start_revoking({.fingerprint = "", .app = "ci"});
  const std::string kept = fixture.ask().fingerprint;
  fixture.loop.run();
  fixture.restart();
  assert_true(fixture.ask().fingerprint == kept);
}

TEST(RevokeFixture, those_who_had_it_are_told_in_the_audit_log) {
  TokenCaller& caller = fixture.ask();
  fixture.running->audit.token_given(*caller.entry, "uid:1000", "grant");
  fixture.revoke({.fingerprint = caller.fingerprint, .app = ""});
  assert_int_equal(fixture.lines.count("reason=revoked"), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RevokeFixture, a_revoked_token_is_given_to_nobody_from_that_moment),
      RUN(RevokeFixture, a_revoked_token_is_revoked_at_github),
      RUN(RevokeFixture, a_revoked_token_stays_away_after_a_restart),
      RUN(RevokeFixture, a_token_that_is_only_in_the_store_is_revoked_too),
      RUN(RevokeFixture, a_token_that_was_evicted_from_memory_is_revoked_too),
      RUN(RevokeFixture, other_tokens_stay),
      RUN(RevokeFixture, an_unknown_token_revokes_nothing),
      RUN(RevokeFixture, all_tokens_of_an_app_are_revoked_in_memory_and_in_the_store),
      RUN(RevokeFixture, the_tokens_of_another_app_stay),
      RUN(RevokeFixture, what_is_being_minted_for_the_app_does_not_come_back),
      RUN(RevokeFixture, what_is_being_minted_while_its_like_are_dropped_does_not_come_back),
      RUN(RevokeFixture, a_token_minted_after_the_revocation_is_kept),
      RUN(RevokeFixture, those_who_had_it_are_told_in_the_audit_log),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
