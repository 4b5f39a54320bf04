// What the audit finds in a store, and what it mends.
#include "daemon/services/access/store_audit.h"

#include <algorithm>

#include "daemon/services/access/maintenance.h"
#include "daemon/services/store/stored_token.h"
#include "tests/component/access/access_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using Mending = StoreAudit::Mending;

struct Audited : AccessWorld {
  std::unique_ptr<StoreAudit> audit = std::make_unique<StoreAudit>(StoreAudit::World{
      *database, *writer, epoch, background, clock, timers, [] {
        return AuditTerms{.scopes = {"github:token", "user:token"}, .apps = {"ci"}};
      }});
  AccessTokenTable table{*database};
  HistoryTable history_table{*database};

  ~Audited() { audit.reset(); }

  AuditReport look(Mending mending = Mending::none) {
    return answer_to<AuditReport>(
               [&](auto callback) { return audit->run(mending, std::move(callback)); })
        .value();
  }
  // "A1 A5+", a plus for what was mended; sorted.
  std::string checks(Mending mending = Mending::none) {
    std::vector<std::string> all;
    for (const AuditFinding& found : look(mending).findings) {
      all.push_back(found.check + (found.is_fixed ? "+" : ""));
    }
    std::sort(all.begin(), all.end());
    std::string text;
    for (const std::string& check : all) text += (text.empty() ? "" : " ") + check;
    return text;
  }

  void write(const Store::WriteBody& body) {
    if (!database->store().write(body).ok()) std::abort();
  }
  std::string put(AccessTokenInfo info, const char* secret = "") {
    info.key = make_access_token(random).key;
    info.created = now() - hours(1);
    write([&](WriteTxn& txn) {
      return table.put(
          txn, {.info = info, .secret_hash = std::string(32, 'h'), .secret = SecretBytes(secret)});
    });
    return info.key;
  }
  std::string put_session(std::optional<UnixTime> expires = {}) {
    return put({.key = "", .type = TokenType::session, .username = "packit", .expires = expires});
  }
  void overwrite(TableId id, const std::string& key, std::string_view bytes) {
    write([&](WriteTxn& txn) { return txn.put(database->sealed(id).as_stored(), key, bytes); });
  }
  void seal(TableId id, const std::string& key, const char* value) {
    write([&](WriteTxn& txn) { return database->sealed(id).put(txn, key, SecretBytes(value)); });
  }
  void remove_entry(const IndexEntry& entry) {
    write([&](WriteTxn& txn) { return txn.remove(database->in_clear(entry.table), entry.key); });
  }
  void put_entry(const IndexEntry& entry) {
    write([&](WriteTxn& txn) {
      return txn.put(database->in_clear(entry.table), entry.key, entry.value);
    });
  }
  AccessTokenInfo info_of(const std::string& key) {
    return database->store()
        .read([&](const ReadTxn& txn) { return table.find(txn, key); })
        .value()
        ->info;
  }
  // As if it had been edited behind the indices' back.
  void replace_record_only(const std::string& key,
                           const std::function<void(AccessTokenInfo&)>& edit) {
    AccessTokenInfo info = info_of(key);
    const auto former = AccessTokenTable::index_entries(info);
    edit(info);
    write([&](WriteTxn& txn) {
      return table.put(txn, {.info = info, .secret_hash = std::string(32, 'h'), .secret = {}});
    });
    for (const IndexEntry& entry : AccessTokenTable::index_entries(info)) remove_entry(entry);
    for (const IndexEntry& entry : former) put_entry(entry);
  }
};

TEST(Audited, a_store_that_was_used_as_it_should_be_is_clean) {
  const AccessCaller packit = AccessWorld::user("packit");
  const AccessTokenInfo parent = fixture.create_session(packit).value().info;
  const auto child = fixture.child_of(parent, AccessWorld::notebook());
  (void)fixture.child_of(child.value().info, AccessWorld::internal());
  (void)fixture.create_user(packit, {.name = "laptop", .scopes = {"user:token"}});
  (void)fixture.remove(packit, parent.key);
  assert_string_equal(fixture.checks().c_str(), "");
}

// GF-21
struct SeededAudit : Audited {
  std::unique_ptr<Maintenance> maintenance = std::make_unique<Maintenance>(Maintenance::World{
      *database, *writer, epoch, clock, timers, log, [] { return hours(24 * 365); }});
  std::string orphan;
  std::string unknown_scope;

  SeededAudit() {
    overwrite(TableId::access_tokens, put_session(), "random bytes");  // A1
    seal(TableId::access_tokens, put_session(), "{}");                 // A1
    put({.key = "",
         .type = TokenType::notebook,
         .username = "packit",
         .expires = now() + hours(1)});                                                     // A2
    put({.key = "", .type = TokenType::notebook, .username = "packit", .expires = now()});  // A3
    put_entry({TableId::by_user, std::string(40, '\0') + make_access_token(random).key});   // A4
    replace_record_only(put_session(now() + hours(1)), [](AccessTokenInfo& info) {          // A5
      info.created -= hours(1);
      info.expires = *info.expires + hours(1);
    });
    const std::string parent = put_session(now() + hours(1));
    put({.key = "",
         .type = TokenType::oidc,
         .username = "packit",
         .expires = now() + hours(2),
         .parent = parent});  // A6
    orphan = put({.key = "",
                  .type = TokenType::oidc,
                  .username = "packit",
                  .parent = make_access_token(random).key});  // A7
    unknown_scope = put({.key = "",
                         .type = TokenType::user,
                         .username = "packit",
                         .name = "x",
                         .scopes = {"gone:scope"}});  // A8
  }
  ~SeededAudit() { maintenance.reset(); }

  void expire() {
    (void)answer_to<std::int64_t>(
        [&](auto callback) { return maintenance->expire_tokens(std::move(callback)); });
  }
};

TEST(SeededAudit, eight_problems_are_eight_findings_and_the_same_ones_again) {
  assert_string_equal(fixture.checks().c_str(), "A1 A1 A2 A4 A5 A6 A7 A8");
  assert_string_equal(fixture.checks().c_str(), "A1 A1 A2 A4 A5 A6 A7 A8");
}

TEST(SeededAudit, what_can_be_mended_is_and_only_the_rest_is_found_after_a_sweep) {
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A1+ A1+ A2+ A4+ A5+ A6+ A7 A8");
  fixture.expire();
  assert_string_equal(fixture.checks().c_str(), "A7 A8");
}

TEST(SeededAudit, what_ends_or_changes_a_token_is_in_the_history_by_the_daemon) {
  fixture.look(Mending::fix);
  int ends = 0;
  int edits = 0;
  for (const HistoryEntry& entry : fixture.history()) {
    assert_string_equal(entry.actor.name.c_str(), "<internal>");
    assert_false(entry.detail.empty());
    if (entry.action == HistoryAction::revoke) ++ends;
    if (entry.action == HistoryAction::edit) ++edits;
  }
  assert_int_equal(ends, 2);   // Both A1.
  assert_int_equal(edits, 2);  // A2 and A6.
}

TEST(SeededAudit, an_orphan_is_ended_if_that_is_wished) {
  fixture.checks(Mending::fix_and_end_orphans);
  assert_false(fixture.is_alive(fixture.orphan));
  fixture.expire();
  assert_string_equal(fixture.checks().c_str(), "A8");
}

TEST(SeededAudit, mending_ends_what_was_known_of_credentials) {
  const std::uint64_t before = fixture.epoch.value();
  fixture.look();
  assert_true(fixture.epoch.value() == before);
  fixture.look(Mending::fix);
  assert_true(fixture.epoch.value() > before);
}

TEST(Audited, a_whole_family_that_outlives_its_ancestor_is_shortened_at_once) {
  const UnixTime end = fixture.now() + hours(1);
  std::string parent = fixture.put_session(end);
  for (int i = 0; i < 3; ++i)
    parent =
        fixture.put({.key = "", .type = TokenType::oidc, .username = "packit", .parent = parent});
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A6+ A6+ A6+");
  assert_true(fixture.info_of(parent).expires == end);
  assert_string_equal(fixture.checks().c_str(), "");
}

TEST(Audited, tokens_that_were_made_of_each_other_do_not_keep_it_from_its_end) {
  const std::string first = fixture.put_session();
  const std::string second =
      fixture.put({.key = "", .type = TokenType::oidc, .username = "packit", .parent = first});
  AccessTokenInfo info = fixture.info_of(first);
  info.parent = second;
  fixture.write([&](WriteTxn& txn) {
    return fixture.table.put(txn,
                             {.info = info, .secret_hash = std::string(32, 'h'), .secret = {}});
  });
  fixture.look(Mending::fix_and_end_orphans);
}

TEST(Audited, a_name_that_leads_to_another_token_is_only_reported) {
  const std::string key =
      fixture.put({.key = "", .type = TokenType::user, .username = "packit", .name = "laptop"});
  IndexEntry name = AccessTokenTable::index_entries(fixture.info_of(key)).at(2);
  assert_true(name.table == TableId::by_name);
  fixture.put({.key = "",
               .type = TokenType::user,
               .username = "packit",
               .name = "laptop"});  // Takes the name.
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A5");
}

TEST(Audited, entries_of_the_historys_indices_are_mended) {
  (void)fixture.create_session(AccessWorld::user("packit"));
  const auto history = fixture.history();
  const HistoryPlace place{history[0].time, 1};
  const auto entries = HistoryTable::index_entries(place, history[0]);
  fixture.remove_entry(entries[0]);
  IndexEntry stray = entries[1];
  stray.key.back() = 'x';
  fixture.put_entry(stray);
  assert_string_equal(fixture.checks().c_str(), "A4 A5");
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A4+ A5+");
  assert_string_equal(fixture.checks().c_str(), "");
}

TEST(Audited, an_entry_of_the_history_that_cannot_be_read_is_one_finding_and_goes) {
  (void)fixture.create_session(AccessWorld::user("packit"));
  std::string key;
  (void)fixture.database->store().read([&](const ReadTxn& txn) {
    return txn.for_each(fixture.database->sealed(TableId::history).as_stored(), "",
                        [&](std::string_view found, std::string_view) {
                          key = found;
                          return true;
                        });
  });
  fixture.overwrite(TableId::history, key, "random bytes");
  assert_string_equal(fixture.checks().c_str(), "A1");
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A1+");
  assert_string_equal(fixture.checks().c_str(), "");
}

TEST(Audited, a_client_that_cannot_be_read_goes_with_its_logins) {
  const ClientTable clients(*fixture.database);
  fixture.overwrite(TableId::clients, "worker", "random bytes");
  fixture.write([&](WriteTxn& txn) {
    return clients.add_login(txn, "worker", "jti", fixture.now() + hours(1));
  });
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A1+");
  assert_string_equal(fixture.checks().c_str(), "");
  assert_string_equal(fixture.history().at(0).client.c_str(), "worker");
}

TEST(Audited, a_login_of_an_unknown_client_goes) {
  const ClientTable clients(*fixture.database);
  fixture.write([&](WriteTxn& txn) {
    return clients.add_login(txn, "gone", "jti", fixture.now() + hours(1));
  });
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A10+");
  assert_string_equal(fixture.checks().c_str(), "");
}

TEST(Audited, githubs_tokens_of_unknown_apps_or_long_expired_go) {
  const auto put = [&](const std::string& key, const std::string& app, UnixTime expires_at) {
    StoredToken token;
    token.token = SecretBytes("ghs_x");
    token.app = app;
    token.fingerprint = key;
    token.expires_at = expires_at;
    fixture.write([&](WriteTxn& txn) {
      return fixture.database->sealed(TableId::tokens).put(txn, key, encode(token));
    });
  };
  put("good", "ci", fixture.now() - hours(1));
  put("long expired", "ci", fixture.now() - hours(1) - seconds(1));
  put("of another app", "gone", fixture.now() + hours(1));
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A9+ A9+");
  assert_string_equal(fixture.checks().c_str(), "");
}

TEST(Audited, what_does_not_open_in_other_tables_goes) {
  for (const TableId id : {TableId::installations, TableId::revocations, TableId::clocks}) {
    fixture.overwrite(id, "key", "random bytes");
  }
  assert_string_equal(fixture.checks(Mending::fix).c_str(), "A1+ A1+ A1+");
  assert_string_equal(fixture.checks().c_str(), "");
}

TEST(Audited, many_rows_are_looked_at_in_steps_of_bounded_size) {
  fixture.write([&](WriteTxn& txn) {
    Result<Done> done = Done{};
    for (int i = 0; i < 2500 && done.ok(); ++i) {
      done = fixture.table.put(
          txn, {.info = {.key = make_access_token(fixture.random).key, .username = "packit"},
                .secret_hash = std::string(32, 'h'),
                .secret = {}});
    }
    return done;
  });
  bool is_done = false;
  const OperationPtr operation =
      fixture.audit->run(Mending::none, [&](const Result<AuditReport>&) { is_done = true; });
  while (fixture.timers.step(fixture.clock.now())) continue;
  // One for each table, but five for by_user, which has each twice, and three for access_tokens.
  assert_int_equal(fixture.write_all(), 14 + 4 + 2);
  assert_true(is_done);
}

TEST(Audited, it_ends_at_a_thousand_findings_and_says_that_there_is_more) {
  fixture.write([&](WriteTxn& txn) {
    Result<Done> done = Done{};
    for (int i = 0; i < 1500 && done.ok(); ++i) {
      done = txn.put(fixture.database->in_clear(TableId::by_expiry),
                     "12345678" + make_access_token(fixture.random).key, "");
    }
    return done;
  });
  const AuditReport report = fixture.look(Mending::fix);
  assert_int_equal(report.findings.size(), 1000);
  assert_true(report.has_more);
  assert_int_equal(fixture.look(Mending::fix).findings.size(), 500);
}

TEST(Audited, one_that_was_cancelled_does_not_call_back) {
  bool is_called_back = false;
  OperationPtr operation =
      fixture.audit->run(Mending::fix, [&](const Result<AuditReport>&) { is_called_back = true; });
  while (fixture.timers.step(fixture.clock.now())) continue;
  operation.reset();
  fixture.settle();
  assert_false(is_called_back);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Audited, a_store_that_was_used_as_it_should_be_is_clean),
      RUN(SeededAudit, eight_problems_are_eight_findings_and_the_same_ones_again),
      RUN(SeededAudit, what_can_be_mended_is_and_only_the_rest_is_found_after_a_sweep),
      RUN(SeededAudit, what_ends_or_changes_a_token_is_in_the_history_by_the_daemon),
      RUN(SeededAudit, an_orphan_is_ended_if_that_is_wished),
      RUN(SeededAudit, mending_ends_what_was_known_of_credentials),
      RUN(Audited, a_whole_family_that_outlives_its_ancestor_is_shortened_at_once),
      RUN(Audited, tokens_that_were_made_of_each_other_do_not_keep_it_from_its_end),
      RUN(Audited, a_name_that_leads_to_another_token_is_only_reported),
      RUN(Audited, entries_of_the_historys_indices_are_mended),
      RUN(Audited, an_entry_of_the_history_that_cannot_be_read_is_one_finding_and_goes),
      RUN(Audited, a_client_that_cannot_be_read_goes_with_its_logins),
      RUN(Audited, a_login_of_an_unknown_client_goes),
      RUN(Audited, githubs_tokens_of_unknown_apps_or_long_expired_go),
      RUN(Audited, what_does_not_open_in_other_tables_goes),
      RUN(Audited, many_rows_are_looked_at_in_steps_of_bounded_size),
      RUN(Audited, it_ends_at_a_thousand_findings_and_says_that_there_is_more),
      RUN(Audited, one_that_was_cancelled_does_not_call_back),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
