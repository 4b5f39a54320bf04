// Ending tokens at GitHub: for good, through outages, restarts and kill -9.
#include "daemon/services/tokens/token_revocations.h"

#include "tests/support/builders.h"
#include "tests/support/captured_log.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_github_answers.h"
#include "tests/support/open_store.h"
#include "tests/support/test_loop.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct RevocationFixture {
  struct Running {
    explicit Running(RevocationFixture& fixture)
        : store(fixture.folder, fixture.loop.background, fixture.log),
          jwts(fixture.loop.signer, fixture.loop.clock, fixture.loop.timers),
          time(fixture.loop.clock, store.clocks, fixture.log),
          traffic(
              {time, fixture.loop.clock, fixture.loop.timers, fixture.loop.random, fixture.log}),
          github(fixture.loop.http, jwts, time, traffic),
          revocations(store.revocations,
                      {github, time, fixture.loop.clock, fixture.loop.timers, fixture.loop.random,
                       fixture.log, [&fixture](const std::string& name) -> const AppConfig* {
                         return fixture.is_configured && name == "ci" ? &fixture.app : nullptr;
                       }}) {}
    OpenStore store;
    AppJwts jwts;
    GithubTime time;
    GithubTraffic traffic;
    GithubClient github;
    TokenRevocations revocations;
  };

  RevocationFixture() { start(); }

  TestLoop loop;
  TempFolder folder;
  CapturedLog lines;
  Log log{lines};
  FakeGithubAnswers github{loop.http, loop.clock};
  AppConfig app = make_app();
  bool is_configured = true;
  std::unique_ptr<Running> running;
  OperationPtr operation;
  std::optional<Result<TokenRevocations::Outcome>> outcome;
  int answers = 0;

  void start() {
    running = std::make_unique<Running>(*this);
    running->revocations.resume();
  }
  // As if killed: what was not written is lost.
  void restart() {
    operation.reset();
    running.reset();
    start();
    loop.run();
  }

  CondemnedTokens tokens(int count, const std::string& prefix = "ghs_") const {
    CondemnedTokens made;
    for (int i = 0; i < count; ++i) {
      const std::string name = prefix + std::to_string(i);
      made.push_back({"fp-" + name, SecretBytes(name), "ci", loop.clock.unix_now() + 1h});
    }
    return made;
  }
  void start_revoking(int count = 1) {
    operation = running->revocations.revoke(tokens(count), {}, 10s, [this](const auto& result) {
      ++answers;
      outcome = result;
    });
  }
  void revoke(int count = 1) {
    start_revoking(count);
    loop.run();
  }
  void fail_revocations(int count, int status) {
    for (int i = 0; i < count; ++i) github.revoke_failures.emplace_back(github_refusal(status, ""));
  }
  bool is_revoked(const std::string& token) const { return github.revoked.contains(token); }
  int requests() const { return loop.http.count("DELETE"); }
  bool is_answered_with(std::int64_t revoked, std::int64_t pending) const {
    return outcome && outcome->ok() && outcome->value().revoked == revoked &&
           outcome->value().pending == pending;
  }
};

TEST(RevocationFixture, a_revoked_token_is_revoked_at_github) {
  fixture.revoke();
  assert_true(fixture.is_revoked("ghs_0"));
  assert_true(fixture.is_answered_with(1, 0));
}

TEST(RevocationFixture, nothing_is_sent_before_it_is_on_disk) {
  fixture.start_revoking();
  assert_int_equal(fixture.requests(), 0);
  fixture.loop.run();
  assert_int_equal(fixture.requests(), 1);
}

TEST(RevocationFixture, a_token_that_is_dead_already_is_done) {
  fixture.github.revoked.insert("ghs_0");
  fixture.revoke();
  assert_true(fixture.is_answered_with(1, 0));
}

TEST(RevocationFixture, nothing_to_revoke_is_answered_too) {
  fixture.revoke(0);
  assert_true(fixture.is_answered_with(0, 0));
}

TEST(RevocationFixture, many_are_all_revoked) {
  fixture.revoke(100);
  assert_int_equal(fixture.github.revoked.size(), 100);
  assert_true(fixture.is_answered_with(100, 0));
}

TEST(RevocationFixture, no_more_than_a_few_are_sent_at_once) {
  fixture.loop.http.is_hanging = true;
  fixture.revoke(100);
  assert_int_equal(fixture.requests(), RevocationDelivery::kAtOnce);
}

TEST(RevocationFixture, while_github_fails_it_is_asked_again) {
  fixture.fail_revocations(3, 502);
  fixture.revoke();
  assert_int_equal(fixture.answers, 0);
  fixture.loop.advance(8s);
  assert_true(fixture.is_revoked("ghs_0"));
  assert_true(fixture.is_answered_with(1, 0));
}

TEST(RevocationFixture, while_github_fails_one_is_sent_at_a_time) {
  fixture.fail_revocations(100, 502);
  fixture.revoke(100);
  const int before = fixture.requests();
  fixture.loop.advance(8s);
  assert_in_range(fixture.requests() - before, 1, 8);
}

TEST(RevocationFixture, when_the_callers_time_is_over_it_is_told_what_is_pending) {
  fixture.loop.http.is_hanging = true;
  fixture.revoke(3);
  fixture.loop.advance(9s);
  assert_int_equal(fixture.answers, 0);
  fixture.loop.advance(1s);
  assert_true(fixture.is_answered_with(3, 3));
}

TEST(RevocationFixture, a_caller_that_leaves_cancels_nothing) {
  fixture.start_revoking();
  fixture.operation.reset();
  fixture.loop.run();
  assert_int_equal(fixture.answers, 0);
  assert_true(fixture.is_revoked("ghs_0"));
}

TEST(RevocationFixture, what_github_has_not_confirmed_is_revoked_after_a_kill) {
  fixture.fail_revocations(1, 502);
  fixture.revoke();
  fixture.restart();
  assert_true(fixture.is_revoked("ghs_0"));
}

TEST(RevocationFixture, a_kill_while_github_answers_makes_it_asked_again) {
  fixture.loop.http.is_hanging = true;
  fixture.revoke();
  fixture.loop.http.is_hanging = false;
  fixture.restart();
  assert_int_equal(fixture.requests(), 2);
  assert_true(fixture.is_revoked("ghs_0"));
}

TEST(RevocationFixture, what_github_has_confirmed_is_not_revoked_again_after_a_restart) {
  fixture.revoke();
  fixture.restart();
  assert_int_equal(fixture.requests(), 1);
}

TEST(RevocationFixture, a_refusal_of_another_kind_is_tried_again_after_a_minute) {
  fixture.fail_revocations(1, 403);
  fixture.revoke();
  fixture.loop.advance(59s);
  assert_int_equal(fixture.requests(), 1);
  fixture.loop.advance(1s);
  assert_true(fixture.is_revoked("ghs_0"));
}

TEST(RevocationFixture, a_token_that_github_does_not_want_to_revoke_does_not_hold_up_others) {
  fixture.fail_revocations(1, 403);
  fixture.revoke(2);
  assert_true(fixture.is_revoked("ghs_1"));
}

TEST(RevocationFixture, a_token_that_has_expired_is_done) {
  fixture.fail_revocations(100, 403);
  fixture.revoke();
  fixture.loop.advance(1h);
  fixture.loop.advance(1min);
  assert_int_equal(fixture.running->revocations.pending(), 0);
}

TEST(RevocationFixture, a_token_whose_app_is_not_configured_waits_for_it) {
  fixture.is_configured = false;
  fixture.revoke();
  fixture.loop.advance(1min);
  assert_int_equal(fixture.requests(), 0);
  fixture.is_configured = true;
  fixture.loop.advance(1min);
  assert_true(fixture.is_revoked("ghs_0"));
}

TEST(RevocationFixture, what_could_not_be_stored_is_revoked_at_github_and_told_to_the_caller) {
  for (std::size_t i = 0; i <= StoreWriter::kChangesMax; ++i) {
    fixture.running->store.tokens.drop("other");
  }
  fixture.start_revoking();
  assert_int_equal(fixture.answers, 0);
  fixture.loop.run();
  assert_int_equal(fixture.outcome->error().code, TOKMAN_E_BUSY);
  assert_true(fixture.is_revoked("ghs_0"));
}

TEST(RevocationFixture, one_that_was_revoked_before_is_known) {
  assert_false(fixture.running->revocations.outcome_of("fp-ghs_0").has_value());
  fixture.loop.http.is_hanging = true;
  fixture.revoke();
  assert_int_equal(fixture.running->revocations.outcome_of("fp-ghs_0")->pending, 1);
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_int_equal(fixture.running->revocations.outcome_of("fp-ghs_0")->pending, 0);
}

TEST(RevocationFixture, one_that_nobody_waits_for_is_revoked_too) {
  fixture.running->revocations.revoke(std::move(fixture.tokens(1).front()));
  fixture.loop.run();
  assert_true(fixture.is_revoked("ghs_0"));
}

TEST(RevocationFixture, after_stop_nothing_is_sent) {
  fixture.fail_revocations(1, 502);
  fixture.revoke();
  fixture.running->revocations.stop();
  fixture.loop.advance(1min);
  assert_int_equal(fixture.requests(), 1);
}

TEST(RevocationFixture, no_token_is_in_the_log) {
  fixture.fail_revocations(1, 403);
  fixture.revoke();
  assert_int_equal(fixture.lines.count("fp-ghs_0"), 1);
  assert_int_equal(fixture.lines.count("=ghs_0"), 0);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RevocationFixture, a_revoked_token_is_revoked_at_github),
      RUN(RevocationFixture, nothing_is_sent_before_it_is_on_disk),
      RUN(RevocationFixture, a_token_that_is_dead_already_is_done),
      RUN(RevocationFixture, nothing_to_revoke_is_answered_too),
      RUN(RevocationFixture, many_are_all_revoked),
      RUN(RevocationFixture, no_more_than_a_few_are_sent_at_once),
      RUN(RevocationFixture, while_github_fails_it_is_asked_again),
      RUN(RevocationFixture, while_github_fails_one_is_sent_at_a_time),
      RUN(RevocationFixture, when_the_callers_time_is_over_it_is_told_what_is_pending),
      RUN(RevocationFixture, a_caller_that_leaves_cancels_nothing),
      RUN(RevocationFixture, what_github_has_not_confirmed_is_revoked_after_a_kill),
      RUN(RevocationFixture, a_kill_while_github_answers_makes_it_asked_again),
      RUN(RevocationFixture, what_github_has_confirmed_is_not_revoked_again_after_a_restart),
      RUN(RevocationFixture, a_refusal_of_another_kind_is_tried_again_after_a_minute),
      RUN(RevocationFixture, a_token_that_github_does_not_want_to_revoke_does_not_hold_up_others),
      RUN(RevocationFixture, a_token_that_has_expired_is_done),
      RUN(RevocationFixture, a_token_whose_app_is_not_configured_waits_for_it),
      RUN(RevocationFixture, what_could_not_be_stored_is_revoked_at_github_and_told_to_the_caller),
      RUN(RevocationFixture, one_that_was_revoked_before_is_known),
      RUN(RevocationFixture, one_that_nobody_waits_for_is_revoked_too),
      RUN(RevocationFixture, after_stop_nothing_is_sent),
      RUN(RevocationFixture, no_token_is_in_the_log),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
