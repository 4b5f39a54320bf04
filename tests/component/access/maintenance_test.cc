// What has expired ends, what is old is forgotten, and all of it can be ended at once.
#include "daemon/services/access/maintenance.h"

#include "tests/component/access/access_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Upkeep : AccessWorld {
  std::unique_ptr<Maintenance> maintenance = std::make_unique<Maintenance>(Maintenance::World{
      *database, *writer, epoch, clock, timers, log, [] { return hours(24 * 365); }});
  AccessTokenTable token_table{*database};
  HistoryTable history_table{*database};

  ~Upkeep() { maintenance.reset(); }

  // Puts one as it would be if it had been made earlier.
  std::string put(TokenType type, std::optional<UnixTime> expires, const std::string& parent = "") {
    const std::string key = make_access_token(random).key;
    write([&](WriteTxn& txn) {
      return token_table.put(txn, {.info = {.key = key,
                                            .type = type,
                                            .username = "packit",
                                            .created = now() - hours(24),
                                            .expires = expires,
                                            .parent = parent},
                                   .secret_hash = std::string(32, 'h'),
                                   .secret = {}});
    });
    return key;
  }
  void append(UnixTime time) {
    HistoryEntry entry;
    entry.time = time;
    entry.token.key = "some key";
    write([&](WriteTxn& txn) { return history_table.append(txn, entry); });
  }
  void write(const Store::WriteBody& body) {
    if (!database->store().write(body).ok()) std::abort();
  }

  std::int64_t expire() {
    return answer_to<std::int64_t>(
               [&](auto callback) { return maintenance->expire_tokens(std::move(callback)); })
        .value();
  }
  std::int64_t truncate(std::optional<UnixTime> before = {}) {
    return answer_to<std::int64_t>([&](auto callback) {
             return maintenance->truncate_history(before, std::move(callback));
           })
        .value();
  }
  std::int64_t delete_all(Maintenance::History history) {
    return answer_to<std::int64_t>([&](auto callback) {
             return maintenance->delete_all_tokens({.name = "root"}, history, std::move(callback));
           })
        .value();
  }
  std::size_t rows(Table table) {
    return database->store().read([&](const ReadTxn& txn) { return txn.count(table); }).value();
  }
  bool is_stored(const std::string& key) {
    return database->store()
        .read([&](const ReadTxn& txn) { return token_table.find(txn, key); })
        .value()
        .has_value();
  }
};

// GF-19: one of each type, expired, and one of each that is not.
TEST(Upkeep, what_has_expired_ends_with_one_entry_each_and_what_has_not_stays) {
  std::vector<std::string> expired;
  std::vector<std::string> kept;
  for (const TokenTypeName& row : kTokenTypeNames) {
    expired.push_back(fixture.put(row.type, fixture.now()));
    kept.push_back(fixture.put(row.type, fixture.now() + seconds(1)));
  }
  kept.push_back(fixture.put(TokenType::user, std::nullopt));
  assert_int_equal(fixture.expire(), 6);
  for (const std::string& key : expired) assert_false(fixture.is_stored(key));
  for (const std::string& key : kept) assert_true(fixture.is_stored(key));
  const auto history = fixture.history();
  assert_int_equal(history.size(), 6);
  for (const HistoryEntry& entry : history) {
    assert_true(entry.action == HistoryAction::expire);
    assert_string_equal(entry.actor.name.c_str(), "<internal>");
  }
}

TEST(Upkeep, a_second_sweep_finds_nothing) {
  fixture.put(TokenType::session, fixture.now());
  assert_int_equal(fixture.expire(), 1);
  assert_int_equal(fixture.expire(), 0);
}

TEST(Upkeep, what_was_made_of_an_expired_token_ends_with_it_and_before_it) {
  const std::string parent = fixture.put(TokenType::session, fixture.now());
  const std::string child = fixture.put(TokenType::notebook, fixture.now(), parent);
  const std::string late = fixture.put(TokenType::internal, fixture.now() + hours(1), child);
  assert_int_equal(fixture.expire(), 3);
  const auto history = fixture.history();
  assert_int_equal(history.size(), 3);
  assert_string_equal(history[0].token.key.c_str(), late.c_str());
  assert_string_equal(history[1].token.key.c_str(), child.c_str());
  assert_string_equal(history[2].token.key.c_str(), parent.c_str());
}

TEST(Upkeep, a_sweep_of_many_goes_in_transactions_of_bounded_size) {
  fixture.write([&](WriteTxn& txn) {
    Result<Done> done = Done{};
    for (int i = 0; i < 2500 && done.ok(); ++i) {
      done = fixture.token_table.put(txn, {.info = {.key = make_access_token(fixture.random).key,
                                                    .username = "packit",
                                                    .expires = fixture.now()},
                                           .secret_hash = std::string(32, 'h'),
                                           .secret = {}});
    }
    return done;
  });
  std::int64_t expired = 0;
  const OperationPtr operation = fixture.maintenance->expire_tokens(
      [&](const Result<std::int64_t>& result) { expired = result.value(); });
  while (fixture.timers.step(fixture.clock.now())) continue;
  assert_int_equal(fixture.write_all(), 3);
  assert_int_equal(expired, 2500);
}

TEST(Upkeep, a_sweep_whose_caller_goes_away_ends_with_the_step_under_way) {
  for (int i = 0; i < 1001; ++i) fixture.put(TokenType::session, fixture.now());
  OperationPtr operation =
      fixture.maintenance->expire_tokens([](const Result<std::int64_t>&) { std::abort(); });
  while (fixture.timers.step(fixture.clock.now())) continue;
  operation.reset();
  fixture.settle();
  assert_int_equal(fixture.history().size(), 1000);
}

TEST(Upkeep, a_token_that_cannot_be_read_does_not_hinder_the_sweep) {
  const std::string unreadable = fixture.put(TokenType::session, fixture.now() - hours(1));
  fixture.put(TokenType::session, fixture.now());
  fixture.write([&](WriteTxn& txn) {
    return txn.put(fixture.database->sealed(TableId::access_tokens).as_stored(), unreadable, "x");
  });
  assert_int_equal(fixture.expire(), 1);
}

TEST(Upkeep, a_sweep_ends_what_was_known_of_credentials) {
  fixture.put(TokenType::session, fixture.now());
  const std::uint64_t before = fixture.epoch.value();
  fixture.expire();
  assert_true(fixture.epoch.value() > before);
}

TEST(Upkeep, logins_whose_time_is_over_are_swept) {
  const ClientTable clients(*fixture.database);
  fixture.write([&](WriteTxn& txn) {
    const Result<Done> over = clients.add_login(txn, "worker", "over", fixture.now());
    if (!over.ok()) return over;
    return clients.add_login(txn, "worker", "good", fixture.now() + seconds(1));
  });
  fixture.expire();
  const Table logins = fixture.database->sealed(TableId::client_logins).as_stored();
  assert_int_equal(fixture.rows(logins), 1);
}

// GF-20
TEST(Upkeep, history_is_forgotten_a_minute_after_its_time_and_not_a_minute_before) {
  const UnixTime cutoff = fixture.now() - hours(24 * 365);
  fixture.append(cutoff - minutes(1));
  fixture.append(cutoff);
  fixture.append(cutoff + minutes(1));
  assert_int_equal(fixture.truncate(), 1);
  const auto history = fixture.history();
  assert_int_equal(history.size(), 2);
  assert_true(history[0].time == cutoff);
}

TEST(Upkeep, history_is_forgotten_before_a_given_time) {
  fixture.append(fixture.now() - hours(2));
  fixture.append(fixture.now() - hours(1));
  assert_int_equal(fixture.truncate(fixture.now() - hours(1)), 1);
}

TEST(Upkeep, what_is_forgotten_is_gone_from_the_indices_too) {
  fixture.append(fixture.now() - hours(2));
  fixture.truncate(fixture.now());
  assert_int_equal(fixture.rows(fixture.database->in_clear(TableId::history_by_token)), 0);
  assert_int_equal(fixture.rows(fixture.database->in_clear(TableId::history_by_user)), 0);
}

TEST(Upkeep, it_is_done_at_the_start_and_every_hour) {
  fixture.put(TokenType::session, fixture.now());
  fixture.put(TokenType::session, fixture.now() + minutes(59));
  fixture.append(fixture.now() - hours(24 * 366));
  fixture.maintenance->start();
  fixture.settle();
  assert_int_equal(fixture.history().size(), 1);  // Of the first token's end; the old one is gone.
  fixture.pass(minutes(59));
  fixture.settle();
  assert_int_equal(fixture.history().size(), 1);
  fixture.pass(minutes(1));
  fixture.settle();
  assert_int_equal(fixture.history().size(), 2);
}

TEST(Upkeep, it_is_not_done_once_it_was_stopped) {
  fixture.maintenance->start();
  fixture.settle();
  fixture.maintenance->stop();
  fixture.put(TokenType::session, fixture.now());
  fixture.pass(hours(2));
  fixture.settle();
  assert_true(fixture.history().empty());
}

TEST(Upkeep, deleting_all_ends_every_token_and_login_and_says_who_did_it) {
  const std::string parent = fixture.put(TokenType::session, std::nullopt);
  fixture.put(TokenType::notebook, std::nullopt, parent);
  const ClientTable clients(*fixture.database);
  fixture.write([&](WriteTxn& txn) {
    return clients.add_login(txn, "worker", "jti", fixture.now() + hours(1));
  });
  assert_int_equal(fixture.delete_all(Maintenance::History::keep), 2);
  assert_false(fixture.is_stored(parent));
  assert_int_equal(fixture.rows(fixture.database->sealed(TableId::client_logins).as_stored()), 0);
  const auto history = fixture.history();
  assert_int_equal(history.size(), 2);
  assert_true(history[0].action == HistoryAction::revoke);
  assert_string_equal(history[0].actor.name.c_str(), "root");
}

TEST(Upkeep, deleting_all_leaves_no_row_of_a_token_that_could_not_be_read) {
  const std::string unreadable = fixture.put(TokenType::session, fixture.now() + hours(1));
  fixture.write([&](WriteTxn& txn) {
    return txn.put(fixture.database->sealed(TableId::access_tokens).as_stored(), unreadable, "x");
  });
  fixture.delete_all(Maintenance::History::keep);
  for (const TableId id : {TableId::by_user, TableId::by_parent, TableId::by_expiry}) {
    assert_int_equal(fixture.rows(fixture.database->in_clear(id)), 0);
  }
  assert_int_equal(fixture.rows(fixture.database->sealed(TableId::access_tokens).as_stored()), 0);
}

TEST(Upkeep, deleting_all_can_forget_the_history_too) {
  for (int i = 0; i < 1200; ++i) fixture.append(fixture.now());
  fixture.put(TokenType::session, std::nullopt);
  assert_int_equal(fixture.delete_all(Maintenance::History::forget), 1);
  assert_true(fixture.history().empty());
  assert_int_equal(fixture.rows(fixture.database->in_clear(TableId::history_by_user)), 0);
}

TEST(Upkeep, a_job_is_refused_while_the_writer_is_full) {
  for (std::size_t i = 0; i <= StoreWriter::kChangesMax + StoreWriter::kBatchMax; ++i) {
    (void)fixture.writer->add({.name = "", .apply = [](WriteTxn&) { return Done{}; }});
  }
  tokman_error code = TOKMAN_OK;
  const OperationPtr operation = fixture.maintenance->expire_tokens(
      [&](const Result<std::int64_t>& result) { code = result.error().code; });
  while (fixture.timers.step(fixture.clock.now())) continue;
  assert_int_equal(code, TOKMAN_E_BUSY);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Upkeep, what_has_expired_ends_with_one_entry_each_and_what_has_not_stays),
      RUN(Upkeep, a_second_sweep_finds_nothing),
      RUN(Upkeep, what_was_made_of_an_expired_token_ends_with_it_and_before_it),
      RUN(Upkeep, a_sweep_of_many_goes_in_transactions_of_bounded_size),
      RUN(Upkeep, a_sweep_whose_caller_goes_away_ends_with_the_step_under_way),
      RUN(Upkeep, a_token_that_cannot_be_read_does_not_hinder_the_sweep),
      RUN(Upkeep, a_sweep_ends_what_was_known_of_credentials),
      RUN(Upkeep, logins_whose_time_is_over_are_swept),
      RUN(Upkeep, history_is_forgotten_a_minute_after_its_time_and_not_a_minute_before),
      RUN(Upkeep, history_is_forgotten_before_a_given_time),
      RUN(Upkeep, what_is_forgotten_is_gone_from_the_indices_too),
      RUN(Upkeep, it_is_done_at_the_start_and_every_hour),
      RUN(Upkeep, it_is_not_done_once_it_was_stopped),
      RUN(Upkeep, deleting_all_ends_every_token_and_login_and_says_who_did_it),
      RUN(Upkeep, deleting_all_leaves_no_row_of_a_token_that_could_not_be_read),
      RUN(Upkeep, deleting_all_can_forget_the_history_too),
      RUN(Upkeep, a_job_is_refused_while_the_writer_is_full),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
