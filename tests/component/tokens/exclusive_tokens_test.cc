// Tokens for one connection alone, which end with it.
#include "daemon/services/tokens/exclusive_tokens.h"

#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kAlice = 1000;
constexpr std::uint32_t kBob = 1001;

struct ExclusiveFixture : BrokerFixture {
  // What a restart of the daemon loses, in the order in which it goes.
  std::unique_ptr<ExclusiveTokens> exclusive;
  std::deque<std::unique_ptr<ExclusiveTokens::Holder>> connections;
  OperationPtr revoking;

  ExclusiveFixture() {
    app.installations["octo-org"] = 42;
    open();
  }
  ~ExclusiveFixture() { kill_all(); }

  void open() {
    exclusive = std::make_unique<ExclusiveTokens>(ExclusiveTokens::World{
        running->broker, running->revocations, running->store.revocations, running->audit});
  }
  // As if killed: no connection ends in good order.
  void kill_all() {
    for (TokenCaller& caller : callers) caller.operation.reset();
    running->revocations.stop();
    connections.clear();
    exclusive.reset();
  }
  void restart_all() {
    kill_all();
    restart();
    open();
    loop.run();
  }

  ExclusiveTokens::Holder& connect(std::uint32_t uid = kAlice) {
    return *connections.emplace_back(std::make_unique<ExclusiveTokens::Holder>(*exclusive, uid));
  }
  TokenCaller& start_getting(ExclusiveTokens::Holder& holder, TokenOrder wanted) {
    TokenCaller& caller = callers.emplace_back();
    caller.operation =
        exclusive->get(holder, std::move(wanted),
                       [&caller](const Result<Served>& served) { caller.take(served); });
    return caller;
  }
  TokenCaller& start_getting(ExclusiveTokens::Holder& holder) {
    return start_getting(holder, order());
  }
  TokenCaller& get(ExclusiveTokens::Holder& holder) {
    TokenCaller& caller = start_getting(holder);
    loop.run();
    return caller;
  }
  void hang_up() {
    connections.pop_back();
    loop.run();
  }
  bool step_without_disk() {
    return loop.signer.step() || loop.http.step() || loop.timers.step(loop.clock.now());
  }
  int count_held() const {
    int held = 0;
    exclusive->for_each([&held](const CacheEntry&, std::uint32_t) { ++held; });
    return held;
  }
  void fill(ExclusiveTokens::Holder& holder) {
    for (std::size_t i = 0; i < ExclusiveTokens::kPerHolderMax; ++i) get(holder);
  }
};

TEST(ExclusiveFixture, each_is_another_token) {
  auto& holder = fixture.connect();
  const std::string first = fixture.get(holder).fingerprint;
  assert_true(fixture.get(holder).fingerprint != first);
  assert_int_equal(fixture.mint_requests(), 2);
}

TEST(ExclusiveFixture, it_is_not_given_to_those_who_share) {
  const std::string exclusive = fixture.get(fixture.connect()).fingerprint;
  assert_true(fixture.ask().fingerprint != exclusive);
  assert_int_equal(fixture.broker().cache().size(), 1);
}

TEST(ExclusiveFixture, a_shared_one_is_not_given_to_one_who_wants_it_alone) {
  const std::string shared = fixture.ask().fingerprint;
  assert_true(fixture.get(fixture.connect()).fingerprint != shared);
}

TEST(ExclusiveFixture, no_session_may_give_it_out_again) {
  assert_false(fixture.get(fixture.connect()).entry->is_current);
}

TEST(ExclusiveFixture, it_is_revoked_at_github_when_the_connection_ends) {
  fixture.get(fixture.connect());
  assert_int_equal(fixture.github.revoked.size(), 0);
  fixture.hang_up();
  assert_int_equal(fixture.github.revoked.size(), 1);
  assert_int_equal(fixture.count_held(), 0);
}

TEST(ExclusiveFixture, the_end_of_one_connection_leaves_the_others_theirs) {
  fixture.get(fixture.connect());
  fixture.get(fixture.connect());
  fixture.hang_up();
  assert_int_equal(fixture.count_held(), 1);
}

TEST(ExclusiveFixture, it_is_given_only_when_it_is_recorded) {
  TokenCaller& caller = fixture.start_getting(fixture.connect());
  while (fixture.github.mints == 0) assert_true(fixture.step_without_disk());
  assert_int_equal(caller.answers, 0);
  fixture.loop.run();
  assert_int_equal(caller.answers, 1);
}

TEST(ExclusiveFixture, what_was_held_when_the_daemon_was_killed_is_revoked_at_its_next_start) {
  fixture.get(fixture.connect());
  fixture.restart_all();
  assert_int_equal(fixture.github.revoked.size(), 1);
}

TEST(ExclusiveFixture, one_whose_caller_leaves_while_it_is_minted_is_revoked) {
  fixture.loop.http.is_hanging = true;
  TokenCaller& caller = fixture.get(fixture.connect());
  caller.operation.reset();
  fixture.hang_up();
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_int_equal(fixture.github.mints, 1);
  assert_int_equal(fixture.github.revoked.size(), 1);
}

TEST(ExclusiveFixture, one_that_cannot_be_recorded_is_not_given) {
  TokenCaller& caller = fixture.start_getting(fixture.connect());
  for (std::size_t i = 0; i <= StoreWriter::kChangesMax; ++i) {
    fixture.running->store.tokens.drop("other");
  }
  while (fixture.step_without_disk()) {
  }
  assert_true(caller.was_refused_with(TOKMAN_E_BUSY));
  assert_int_equal(fixture.count_held(), 0);
}

TEST(ExclusiveFixture, one_that_does_not_live_as_long_as_was_asked_is_revoked) {
  fixture.github.lifetime = 20min;
  TokenCaller& caller = fixture.start_getting(fixture.connect(), fixture.order_living(30min));
  fixture.loop.run();
  assert_true(caller.was_refused_with(TOKMAN_E_LIFETIME_UNSATISFIABLE));
  assert_int_equal(fixture.github.revoked.size(), 1);
}

TEST(ExclusiveFixture, an_error_is_the_callers) {
  fixture.fail_mints(1, 403, "Resource not accessible by integration");
  assert_true(fixture.get(fixture.connect()).was_refused_with(TOKMAN_E_UPSTREAM_REFUSED));
}

TEST(ExclusiveFixture, it_is_held_by_its_uid_and_no_other) {
  const std::string fingerprint = fixture.get(fixture.connect(kAlice)).fingerprint;
  assert_true(fixture.exclusive->is_held_by(kAlice, fingerprint));
  assert_false(fixture.exclusive->is_held_by(kBob, fingerprint));
}

TEST(ExclusiveFixture, one_that_is_revoked_is_held_no_longer) {
  const std::string fingerprint = fixture.get(fixture.connect()).fingerprint;
  const RevocationTarget target{fingerprint, ""};
  fixture.revoking = fixture.broker().revoke(target, fixture.exclusive->take_revoked(target), 10s,
                                             [](const auto&) {});
  fixture.loop.run();
  assert_int_equal(fixture.count_held(), 0);
  assert_int_equal(fixture.github.revoked.size(), 1);
  fixture.hang_up();
  assert_int_equal(fixture.loop.http.count("DELETE"), 1);
}

TEST(ExclusiveFixture, all_of_an_app_are_taken_from_all_holders) {
  fixture.get(fixture.connect(kAlice));
  fixture.get(fixture.connect(kBob));
  assert_int_equal(fixture.exclusive->take_revoked({"", "bot"}).size(), 0);
  assert_int_equal(fixture.exclusive->take_revoked({"", "ci"}).size(), 2);
}

TEST(ExclusiveFixture, a_connection_holds_sixteen) {
  auto& holder = fixture.connect();
  fixture.fill(holder);
  assert_int_equal(fixture.exclusive->why_full(holder)->code, TOKMAN_E_BUSY);
  assert_false(fixture.exclusive->why_full(fixture.connect()).has_value());
}

TEST(ExclusiveFixture, those_being_minted_count) {
  auto& holder = fixture.connect();
  for (std::size_t i = 0; i < ExclusiveTokens::kPerHolderMax; ++i) fixture.start_getting(holder);
  assert_true(fixture.exclusive->why_full(holder).has_value());
  fixture.loop.run();
  assert_true(fixture.exclusive->why_full(holder).has_value());
}

TEST(ExclusiveFixture, a_uid_holds_256) {
  for (std::size_t i = 0; i < ExclusiveTokens::kPerUidMax / ExclusiveTokens::kPerHolderMax; ++i) {
    fixture.fill(fixture.connect(kAlice));
  }
  assert_int_equal(fixture.exclusive->why_full(fixture.connect(kAlice))->code, TOKMAN_E_BUSY);
  assert_false(fixture.exclusive->why_full(fixture.connect(kBob)).has_value());
}

TEST(ExclusiveFixture, one_that_has_expired_makes_room) {
  auto& holder = fixture.connect();
  fixture.fill(holder);
  fixture.loop.advance(1h);
  assert_int_equal(fixture.count_held(), 0);
  assert_false(fixture.exclusive->why_full(holder).has_value());
}

TEST(ExclusiveFixture, the_audit_log_says_when_it_ended) {
  TokenCaller& caller = fixture.get(fixture.connect());
  fixture.running->audit.token_given(*caller.entry, "uid:1000", "grant");
  fixture.hang_up();
  assert_int_equal(fixture.lines.count("reason=connection-ended"), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ExclusiveFixture, each_is_another_token),
      RUN(ExclusiveFixture, it_is_not_given_to_those_who_share),
      RUN(ExclusiveFixture, a_shared_one_is_not_given_to_one_who_wants_it_alone),
      RUN(ExclusiveFixture, no_session_may_give_it_out_again),
      RUN(ExclusiveFixture, it_is_revoked_at_github_when_the_connection_ends),
      RUN(ExclusiveFixture, the_end_of_one_connection_leaves_the_others_theirs),
      RUN(ExclusiveFixture, it_is_given_only_when_it_is_recorded),
      RUN(ExclusiveFixture, what_was_held_when_the_daemon_was_killed_is_revoked_at_its_next_start),
      RUN(ExclusiveFixture, one_whose_caller_leaves_while_it_is_minted_is_revoked),
      RUN(ExclusiveFixture, one_that_cannot_be_recorded_is_not_given),
      RUN(ExclusiveFixture, one_that_does_not_live_as_long_as_was_asked_is_revoked),
      RUN(ExclusiveFixture, an_error_is_the_callers),
      RUN(ExclusiveFixture, it_is_held_by_its_uid_and_no_other),
      RUN(ExclusiveFixture, one_that_is_revoked_is_held_no_longer),
      RUN(ExclusiveFixture, all_of_an_app_are_taken_from_all_holders),
      RUN(ExclusiveFixture, a_connection_holds_sixteen),
      RUN(ExclusiveFixture, those_being_minted_count),
      RUN(ExclusiveFixture, a_uid_holds_256),
      RUN(ExclusiveFixture, one_that_has_expired_makes_room),
      RUN(ExclusiveFixture, the_audit_log_says_when_it_ended),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
