// How many access tokens there are, of how many users.
#include "daemon/services/access/state_counts.h"

#include "tests/component/access/access_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using std::chrono::seconds;

struct Counted : AccessWorld {
  std::unique_ptr<StateCounts> counts = std::make_unique<StateCounts>(*database, background, clock);

  ~Counted() { counts.reset(); }

  std::int64_t tokens(TokenType type) {
    return counts->token_counts()->tokens[static_cast<std::size_t>(type)];
  }
  std::int64_t users(TokenType type) {
    return counts->token_counts()->users[static_cast<std::size_t>(type)];
  }
  void count() {
    (void)counts->token_counts();
    settle();
  }
};

TEST(Counted, there_is_no_count_before_the_first_has_ended) {
  assert_false(fixture.counts->token_counts().has_value());
  fixture.settle();
  assert_true(fixture.counts->token_counts().has_value());
}

TEST(Counted, tokens_and_their_users_are_counted_by_type) {
  const auto packit = fixture.create_session(AccessWorld::user("packit")).value().info;
  (void)fixture.create_session(AccessWorld::user("packit"));
  (void)fixture.create_session(AccessWorld::user("other"));
  (void)fixture.child_of(packit, AccessWorld::notebook());
  fixture.count();
  assert_int_equal(fixture.tokens(TokenType::session), 3);
  assert_int_equal(fixture.users(TokenType::session), 2);
  assert_int_equal(fixture.tokens(TokenType::notebook), 1);
  assert_int_equal(fixture.users(TokenType::notebook), 1);
  assert_int_equal(fixture.tokens(TokenType::service), 0);
}

TEST(Counted, a_token_that_never_expires_counts_and_one_that_has_expired_does_not) {
  const AccessCaller admin = AccessWorld::user("root", {"admin:token", "user:token"});
  (void)fixture.create_user(admin, {.name = "for ever", .expiry = {.never = NoExpiry::yes}});
  (void)fixture.create_session(admin);
  fixture.pass(std::chrono::hours(24));
  fixture.count();
  assert_int_equal(fixture.tokens(TokenType::user), 1);
  assert_int_equal(fixture.tokens(TokenType::session), 0);
}

TEST(Counted, more_than_fit_into_one_transaction_are_all_counted) {
  const AccessTokenTable table(*fixture.database);
  const Result<Done> done = fixture.database->store().write([&](WriteTxn& txn) {
    Result<Done> put = Done{};
    for (int i = 0; i < 2500 && put.ok(); ++i) {
      put = table.put(txn, {.info = {.key = make_access_token(fixture.random).key,
                                     .username = "user-" + std::to_string(i % 7)},
                            .secret_hash = std::string(32, 'h'),
                            .secret = {}});
    }
    return put;
  });
  assert_true(done.ok());
  fixture.count();
  assert_int_equal(fixture.tokens(TokenType::session), 2500);
  assert_int_equal(fixture.users(TokenType::session), 7);
}

TEST(Counted, a_count_is_good_for_a_hundred_times_as_long_as_it_took) {
  (void)fixture.counts->token_counts();
  fixture.pass(seconds(2));  // That long it takes.
  fixture.settle();
  (void)fixture.create_session(AccessWorld::user("packit"));
  fixture.pass(seconds(199));
  fixture.count();
  assert_int_equal(fixture.tokens(TokenType::session), 0);
  fixture.pass(seconds(1));
  fixture.count();
  assert_int_equal(fixture.tokens(TokenType::session), 1);
}

TEST(Counted, entries_of_the_history_are_counted_as_they_come) {
  (void)fixture.create_session(AccessWorld::user("packit"));
  assert_int_equal(fixture.counts->history_entries(), 1);
  assert_int_equal(fixture.counts->clients(), 0);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Counted, there_is_no_count_before_the_first_has_ended),
      RUN(Counted, tokens_and_their_users_are_counted_by_type),
      RUN(Counted, a_token_that_never_expires_counts_and_one_that_has_expired_does_not),
      RUN(Counted, more_than_fit_into_one_transaction_are_all_counted),
      RUN(Counted, a_count_is_good_for_a_hundred_times_as_long_as_it_took),
      RUN(Counted, entries_of_the_history_are_counted_as_they_come),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
