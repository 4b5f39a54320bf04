// Who may make, change and end clients, and what each of that does.
#include "daemon/services/access/clients.h"

#include "tests/component/access/client_world.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr const char* kKey = "a key of a client";

struct World : ClientWorld {
  HistoryTable history{*store.database};

  void make(const ScopeNames& scopes = {"github:token"}) {
    assert_true(put({.scopes = scopes}, kKey).ok());
  }
  Result<ChangedClient> change(const ClientChange& change) { return put(change); }
  tokman_error code_of(const Result<ChangedClient>& changed) const {
    return changed.ok() ? TOKMAN_OK : changed.error().code;
  }
  std::string field_of(const ClientChange& change, std::optional<std::string> key = {}) {
    const Result<ChangedClient> changed = put(change, std::move(key));
    return changed.ok() ? "" : changed.error().field;
  }
  Result<ChangedClient> rotate(std::chrono::seconds overlap,
                               const std::string& key = "another key of it",
                               const Clients::Target& target = {"packit"}) {
    return answer_of<ChangedClient>([&](Clients::OnChanged done) {
      WantedKey wanted;
      wanted.given = SecretBytes(key);
      return clients.rotate_key(admin, target, std::move(wanted), overlap, std::move(done));
    });
  }
  Result<ChangedClient> disable() {
    return answer_of<ChangedClient>([&](Clients::OnChanged done) {
      return clients.disable(admin, {"packit"}, std::move(done));
    });
  }
  Result<ChangedClient> remove(const Clients::Target& target = {"packit"}) {
    return answer_of<ChangedClient>(
        [&](Clients::OnChanged done) { return clients.remove(admin, target, std::move(done)); });
  }
  Result<ChangedClient> revoke(const std::optional<std::string>& jti = {}) {
    return answer_of<ChangedClient>([&](Clients::OnChanged done) {
      return clients.revoke_logins(admin, "packit", jti, std::move(done));
    });
  }
  void add_login(const std::string& jti) {
    write([&](WriteTxn& txn) { (void)table.add_login(txn, "packit", jti, now() + 605s); });
  }
  std::int64_t alive() { return clients.get(admin, "packit").value().logins; }
  bool exists() { return clients.get(admin, "packit").ok(); }

  std::vector<HistoryEntry> entries() {
    std::vector<HistoryEntry> all;
    const Result<Done> read = store.database->store().read([&](const ReadTxn& txn) {
      return history.walk_back(txn, history.by_client("packit"), kNewestPlace,
                               [&](HistoryPlace place) {
                                 all.push_back(history.find(txn, place).value().value());
                                 return true;
                               });
    });
    assert_true(read.ok());
    return all;
  }
  HistoryEntry newest() { return entries().at(0); }
};

// TF-12
TEST(World, a_client_is_made_as_it_is_wanted) {
  const Result<ChangedClient> made = fixture.put({.owner = "packit@example.org",
                                                  .description = "workers",
                                                  .scopes = ScopeNames{"github:token"},
                                                  .max_priority = {{{"*", 7}}},
                                                  .bind_uids = {{1000}},
                                                  .expires = fixture.now() + 1h},
                                                 kKey);
  assert_true(made.ok() && made.value().is_created);
  assert_int_equal(made.value().version, 1);
  assert_true(made.value().key.empty());
  const Client client = fixture.clients.get(fixture.admin, "packit").value().client;
  assert_string_equal(client.owner.c_str(), "packit@example.org");
  assert_string_equal(client.description.c_str(), "workers");
  assert_true(client.scopes == ScopeNames{"github:token"});
  assert_int_equal(client.max_priority.at("*"), 7);
  assert_true(client.bind_uids == std::vector<uid_t>{1000});
  assert_true(client.expires == fixture.now() + 1h);
  assert_int_equal(client.stretch.n, 16);
  assert_int_equal(client.keys.size(), 1);
}

TEST(World, a_generated_key_is_answered_and_good) {
  WantedKey key;
  key.is_generated = true;
  const auto made = fixture.put_as(fixture.admin, {"packit"}, {}, std::move(key));
  const std::string text(made.value().key.reveal());
  assert_int_equal(text.size(), 43);
  assert_true(fixture.log_in("packit", text).ok());
}

// TF-14
TEST(World, a_new_client_needs_a_key) {
  assert_string_equal(fixture.field_of({}).c_str(), "key");
  assert_false(fixture.exists());
  assert_string_equal(fixture.field_of({}, kKey).c_str(), "");
}

TEST(World, what_is_wrong_with_a_client_is_said_by_its_field) {
  assert_string_equal(fixture.field_of({}, "14 characters.").c_str(), "key");
  assert_string_equal(fixture.field_of({}, std::string(1025, 'k')).c_str(), "key");
  assert_string_equal(fixture.field_of({.scopes = {{"none:such"}}}, kKey).c_str(), "scopes");
  assert_string_equal(fixture.field_of({.max_priority = {{{"ci", 1001}}}}, kKey).c_str(),
                      "max_priority");
  assert_string_equal(fixture.field_of({.owner = std::string(1025, 'o')}, kKey).c_str(), "owner");
  assert_string_equal(fixture.field_of({.expires = fixture.now()}, kKey).c_str(), "expires");
  assert_string_equal(fixture.put({}, kKey, {"Packit"}).error().field.c_str(), "id");
  WantedKey both;
  both.is_generated = true;
  both.given = SecretBytes(kKey);
  assert_string_equal(
      fixture.put_as(fixture.admin, {"packit"}, {}, std::move(both)).error().field.c_str(), "key");
}

// TF-13
TEST(World, what_is_absent_stays_and_a_map_is_replaced_whole) {
  fixture.make();
  assert_true(fixture.change({.max_priority = {{{"ci", 1}, {"*", 2}}}}).ok());
  const Client before = fixture.client();
  assert_true(fixture.change({.max_priority = {{{"ci", 3}}}}).ok());
  const Client after = fixture.client();
  assert_true(after.max_priority == (std::map<std::string, std::int64_t>{{"ci", 3}}));
  assert_true(after.scopes == before.scopes);
  assert_true(after.keys == before.keys);
  assert_int_equal(after.version, before.version + 1);
}

TEST(World, another_key_is_another_hash_and_ends_the_logins) {
  fixture.make();
  const Client before = fixture.client();
  fixture.add_login("one");
  const Result<ChangedClient> changed = fixture.put({}, "another key of it");
  assert_int_equal(changed.value().ended, 1);
  assert_true(fixture.client().keys[0].hash != before.keys[0].hash);
  assert_false(fixture.log_in("packit", kKey).ok());
  assert_true(fixture.log_in("packit", "another key of it").ok());
}

TEST(World, an_edit_without_a_difference_changes_nothing) {
  fixture.make();
  const std::size_t entries = fixture.entries().size();
  const auto changed = fixture.change({.scopes = ScopeNames{"github:token"}});
  assert_int_equal(changed.value().version, 1);
  assert_int_equal(fixture.entries().size(), entries);
}

TEST(World, empty_scopes_are_an_edit) {
  fixture.make();
  assert_true(fixture.change({.scopes = ScopeNames{}}).ok());
  assert_true(fixture.client().scopes.empty());
}

TEST(World, a_change_of_another_version_is_a_conflict) {
  fixture.make();
  assert_int_equal(fixture.code_of(fixture.put({.owner = "x"}, {}, {"packit", 2})),
                   TOKMAN_E_CONFLICT);
  assert_int_equal(fixture.code_of(fixture.put({.owner = "x"}, {}, {"packit", 1})), TOKMAN_OK);
  assert_int_equal(fixture.code_of(fixture.remove({"packit", 1})), TOKMAN_E_CONFLICT);
  assert_int_equal(fixture.code_of(fixture.rotate(0s, kKey, {"packit", 1})), TOKMAN_E_CONFLICT);
}

TEST(World, version_0_is_of_a_client_that_there_is_not) {
  assert_int_equal(fixture.code_of(fixture.put({}, kKey, {"packit", 0})), TOKMAN_OK);
  assert_int_equal(fixture.code_of(fixture.put({.owner = "x"}, kKey, {"packit", 0})),
                   TOKMAN_E_CONFLICT);
}

// TF-15, both ways.
TEST(World, nobody_gives_a_scope_that_it_has_not) {
  const auto refused = fixture.put({.scopes = ScopeNames{"admin:token"}}, kKey);
  assert_int_equal(fixture.code_of(refused), TOKMAN_E_DENIED);
  assert_string_equal(refused.error().field.c_str(), "scopes");
  assert_false(fixture.exists());
}

TEST(World, nobody_changes_a_client_with_a_scope_that_it_has_not) {
  fixture.admin.scopes.insert("admin:token");
  fixture.make({"admin:token"});
  fixture.admin.scopes.erase("admin:token");
  const auto refused = fixture.change({.scopes = ScopeNames{}});
  assert_int_equal(fixture.code_of(refused), TOKMAN_E_DENIED);
  assert_string_equal(refused.error().field.c_str(), "id");
  assert_int_equal(fixture.code_of(fixture.rotate(0s)), TOKMAN_E_DENIED);
  assert_int_equal(fixture.code_of(fixture.disable()), TOKMAN_E_DENIED);
  assert_int_equal(fixture.code_of(fixture.remove()), TOKMAN_E_DENIED);
  assert_int_equal(fixture.code_of(fixture.revoke()), TOKMAN_E_DENIED);
}

TEST(World, a_client_may_look_at_itself_and_change_its_key) {
  fixture.make();
  fixture.admin = {.username = "",
                   .scopes = {"github:token"},
                   .client = "packit",
                   .actor = {.name = "client:packit"}};
  assert_true(fixture.clients.get(fixture.admin, "packit").ok());
  assert_true(fixture.rotate(0s).ok());
  assert_true(fixture.revoke().ok());
}

TEST(World, a_client_may_not_look_at_others) {
  fixture.make();
  fixture.admin = {.username = "", .scopes = {"github:token"}, .client = "other"};
  assert_int_equal(fixture.clients.get(fixture.admin, "packit").error().code, TOKMAN_E_DENIED);
  assert_int_equal(fixture.clients.get(fixture.admin, "nobody").error().code, TOKMAN_E_DENIED);
  assert_int_equal(fixture.code_of(fixture.rotate(0s)), TOKMAN_E_DENIED);
  assert_int_equal(fixture.code_of(fixture.revoke()), TOKMAN_E_DENIED);
}

// TF-16
TEST(World, an_unknown_client_is_not_found) {
  assert_int_equal(fixture.code_of(fixture.remove()), TOKMAN_E_NOT_FOUND);
  assert_int_equal(fixture.code_of(fixture.disable()), TOKMAN_E_NOT_FOUND);
  assert_int_equal(fixture.code_of(fixture.rotate(0s)), TOKMAN_E_NOT_FOUND);
  assert_int_equal(fixture.code_of(fixture.remove({"No Id"})), TOKMAN_E_NOT_FOUND);
  assert_int_equal(fixture.clients.get(fixture.admin, "packit").error().code, TOKMAN_E_NOT_FOUND);
}

TEST(World, with_an_overlap_both_keys_are_good_and_logins_stay) {
  fixture.make();
  fixture.add_login("one");
  assert_int_equal(fixture.rotate(60s).value().ended, 0);
  assert_true(fixture.log_in("packit", kKey).ok());
  assert_true(fixture.log_in("packit", "another key of it").ok());
  fixture.loop.advance(60s);
  assert_false(fixture.log_in("packit", kKey).ok());
  assert_true(fixture.log_in("packit", "another key of it").ok());
}

TEST(World, without_an_overlap_the_former_key_and_its_logins_end) {
  fixture.make();
  fixture.add_login("one");
  assert_int_equal(fixture.rotate(0s).value().ended, 1);
  assert_false(fixture.log_in("packit", kKey).ok());
}

TEST(World, an_overlap_is_seven_days_at_most) {
  fixture.make();
  assert_string_equal(fixture.rotate(7 * 24h + 1s).error().field.c_str(), "overlap");
  assert_string_equal(fixture.rotate(-1s).error().field.c_str(), "overlap");
  assert_true(fixture.rotate(7 * 24h).ok());
}

TEST(World, a_key_that_is_given_is_checked_at_every_door) {
  fixture.make();
  assert_string_equal(fixture.rotate(0s, "14 characters.").error().field.c_str(), "key");
}

//
TEST(World, a_disabled_client_has_no_logins_and_makes_none) {
  fixture.make();
  fixture.add_login("one");
  fixture.add_login("two");
  const std::uint64_t epoch = fixture.epoch.value();
  assert_int_equal(fixture.disable().value().ended, 2);
  assert_true(fixture.epoch.value() > epoch);
  assert_int_equal(fixture.alive(), 0);
  assert_int_equal(fixture.log_in("packit", kKey).error().code, TOKMAN_E_UNAUTHENTICATED);
  assert_true(fixture.change({.is_disabled = false}).ok());
  assert_true(fixture.log_in("packit", kKey).ok());
}

TEST(World, a_deleted_client_and_its_logins_are_gone) {
  fixture.make();
  fixture.add_login("one");
  const std::uint64_t epoch = fixture.epoch.value();
  assert_int_equal(fixture.remove().value().ended, 1);
  assert_true(fixture.epoch.value() > epoch);
  assert_false(fixture.exists());
  assert_int_equal(fixture.log_in("packit", kKey).error().code, TOKMAN_E_UNAUTHENTICATED);
  fixture.make();
  assert_int_equal(fixture.alive(), 0);
}

// TF-18: by its jti, all at once, and a second time without effect.
TEST(World, logins_are_revoked_one_by_one_or_together) {
  fixture.make();
  for (const char* jti : {"one", "two", "three"}) fixture.add_login(jti);
  assert_int_equal(fixture.revoke("one").value().ended, 1);
  assert_int_equal(fixture.revoke("one").value().ended, 0);
  assert_int_equal(fixture.revoke().value().ended, 2);
  assert_int_equal(fixture.revoke().value().ended, 0);
  assert_int_equal(fixture.client().version, 1);
}

TEST(World, each_change_has_a_row_in_the_history_with_who_did_it) {
  fixture.make();
  assert_int_equal(static_cast<int>(fixture.newest().action),
                   static_cast<int>(HistoryAction::create));
  assert_true(fixture.newest().actor == fixture.admin.actor);
  assert_string_equal(fixture.newest().detail.c_str(), "scopes: github:token");
  assert_true(fixture.change({.owner = "packit", .scopes = ScopeNames{"user:token"}}).ok());
  assert_string_equal(fixture.newest().detail.c_str(),
                      "owner: packit; scopes: user:token (was github:token)");
  assert_true(*fixture.newest().old_scopes == ScopeNames{"github:token"});
  fixture.add_login("one");
  assert_true(fixture.rotate(60s).ok());
  assert_string_equal(fixture.newest().detail.c_str(), "key rotated, overlap 60 s");
  assert_true(fixture.disable().ok());
  assert_string_equal(fixture.newest().detail.c_str(), "disabled: yes; logins ended: 1");
  assert_true(fixture.remove().ok());
  assert_int_equal(static_cast<int>(fixture.newest().action),
                   static_cast<int>(HistoryAction::revoke));
  assert_int_equal(fixture.entries().size(), 5);
}

// TF-22
TEST(World, each_change_has_a_line_in_the_audit_log) {
  fixture.make();
  assert_true(fixture.change({.owner = "x"}).ok());
  assert_true(fixture.rotate(60s).ok());
  fixture.add_login("one");
  assert_true(fixture.revoke().ok());
  assert_true(fixture.disable().ok());
  assert_true(fixture.remove().ok());
  const std::vector<std::string> events = {"client-created",     "client-changed",
                                           "client-key-rotated", "client-logins-revoked",
                                           "client-disabled",    "client-deleted"};
  assert_int_equal(fixture.lines.audit_lines.size(), events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const std::string& line = fixture.lines.audit_lines[i];
    assert_true(line.find("audit=" + events[i]) != std::string::npos);
    assert_true(line.find("principal=root client=packit") != std::string::npos);
  }
}

TEST(World, no_key_is_in_the_history_or_the_log) {
  assert_true(fixture.put({}, "PLANTED-KEY-OF-A-CLIENT").ok());
  assert_true(fixture.put({}, "PLANTED-KEY-OF-A-CLIENT-2").ok());
  assert_int_equal(fixture.lines.count("PLANTED"), 0);
  for (const HistoryEntry& entry : fixture.entries()) {
    assert_true(entry.detail.find("PLANTED") == std::string::npos);
  }
}

TEST(World, who_has_gone_is_not_answered_but_the_change_is_made) {
  bool is_answered = false;
  WantedKey key;
  key.given = SecretBytes(kKey);
  fixture.make();
  OperationPtr operation = fixture.clients.disable(
      fixture.admin, {"packit"}, [&](const Result<ChangedClient>&) { is_answered = true; });
  operation.reset();
  const std::uint64_t epoch = fixture.epoch.value();
  fixture.loop.run();
  assert_false(is_answered);
  assert_true(fixture.client().is_disabled);
  assert_true(fixture.epoch.value() > epoch);
}

TEST(World, clients_are_listed_a_page_at_a_time) {
  for (const char* id : {"c", "a", "b"}) {
    assert_true(fixture.put({}, kKey, {id}).ok());
    fixture.loop.advance(1s);
  }
  const auto first = fixture.clients.list(2, "");
  assert_int_equal(first.value().clients.size(), 2);
  assert_string_equal(first.value().clients[0].id.c_str(), "a");
  assert_string_equal(first.value().next.c_str(), "b");
  const auto second = fixture.clients.list(2, first.value().next);
  assert_int_equal(second.value().clients.size(), 1);
  assert_string_equal(second.value().next.c_str(), "");
}

TEST(World, a_page_has_1000_clients_at_most) {
  assert_string_equal(fixture.clients.list(0, "").error().field.c_str(), "limit");
  assert_string_equal(fixture.clients.list(1001, "").error().field.c_str(), "limit");
  assert_string_equal(fixture.clients.list(10, "No Id").error().field.c_str(), "cursor");
  assert_true(fixture.clients.list(1000, "").ok());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(World, a_client_is_made_as_it_is_wanted),
      RUN(World, a_generated_key_is_answered_and_good),
      RUN(World, a_new_client_needs_a_key),
      RUN(World, what_is_wrong_with_a_client_is_said_by_its_field),
      RUN(World, what_is_absent_stays_and_a_map_is_replaced_whole),
      RUN(World, another_key_is_another_hash_and_ends_the_logins),
      RUN(World, an_edit_without_a_difference_changes_nothing),
      RUN(World, empty_scopes_are_an_edit),
      RUN(World, a_change_of_another_version_is_a_conflict),
      RUN(World, version_0_is_of_a_client_that_there_is_not),
      RUN(World, nobody_gives_a_scope_that_it_has_not),
      RUN(World, nobody_changes_a_client_with_a_scope_that_it_has_not),
      RUN(World, a_client_may_look_at_itself_and_change_its_key),
      RUN(World, a_client_may_not_look_at_others),
      RUN(World, an_unknown_client_is_not_found),
      RUN(World, with_an_overlap_both_keys_are_good_and_logins_stay),
      RUN(World, without_an_overlap_the_former_key_and_its_logins_end),
      RUN(World, an_overlap_is_seven_days_at_most),
      RUN(World, a_key_that_is_given_is_checked_at_every_door),
      RUN(World, a_disabled_client_has_no_logins_and_makes_none),
      RUN(World, a_deleted_client_and_its_logins_are_gone),
      RUN(World, logins_are_revoked_one_by_one_or_together),
      RUN(World, each_change_has_a_row_in_the_history_with_who_did_it),
      RUN(World, each_change_has_a_line_in_the_audit_log),
      RUN(World, no_key_is_in_the_history_or_the_log),
      RUN(World, who_has_gone_is_not_answered_but_the_change_is_made),
      RUN(World, clients_are_listed_a_page_at_a_time),
      RUN(World, a_page_has_1000_clients_at_most),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
