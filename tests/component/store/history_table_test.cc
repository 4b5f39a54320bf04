// The history on disk: what was appended comes back, in order, by each of its paths.
#include "daemon/services/store/history_table.h"

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr UnixTime kNow{std::chrono::seconds(1'700'000'000)};
constexpr const char* kKey = "AAAAAAAAAAAAAAAAAAAAAA";
constexpr const char* kChildKey = "BBBBBBBBBBBBBBBBBBBBBA";
constexpr const char* kGrandchildKey = "CCCCCCCCCCCCCCCCCCCCCA";

HistoryEntry about_token(const std::string& key, const std::string& parent = "") {
  HistoryEntry entry;
  entry.time = kNow;
  entry.token.key = key;
  entry.token.username = "packit";
  entry.token.parent = parent;
  return entry;
}

HistoryEntry full_entry() {
  HistoryEntry entry = about_token(kChildKey, kKey);
  entry.action = HistoryAction::edit;
  entry.actor = {.name = "admin",
                 .uid = 0,
                 .gid = 1000,
                 .pid = 4242,
                 .unit = "x.service",
                 .program = "/usr/bin/x",
                 .ip = "192.0.2.1"};
  entry.token.type = TokenType::internal;
  entry.token.name = "laptop";
  entry.token.service = "registry";
  entry.token.scopes = {"github:token", "user:token"};
  entry.token.created = kNow - std::chrono::hours(1);
  entry.token.expires = kNow + std::chrono::hours(1);
  entry.old_name = "desktop";
  entry.old_scopes = ScopeNames{};
  entry.old_expires.emplace(std::nullopt);
  return entry;
}

struct HistoryOnDisk : StoreWorld {
  HistoryTable table{*database};

  void append(const HistoryEntry& entry) {
    const Result<Done> done =
        database->store().write([&](WriteTxn& txn) { return table.append(txn, entry); });
    if (!done.ok()) std::abort();
  }
  void append_at(UnixTime time) {
    HistoryEntry entry = about_token(kKey);
    entry.time = time;
    append(entry);
  }
  void remove(HistoryPlace place) {
    const Result<Done> done =
        database->store().write([&](WriteTxn& txn) { return table.remove(txn, place); });
    if (!done.ok()) std::abort();
  }
  std::optional<HistoryEntry> find(HistoryPlace place) {
    return database->store()
        .read([&](const ReadTxn& txn) { return table.find(txn, place); })
        .value();
  }
  // The numbers of the places on a path, "3 2 1".
  std::string back(const HistoryTable::Path& path, HistoryPlace start = kNewestPlace) {
    return walked([&](const ReadTxn& txn, const HistoryTable::Visit& visit) {
      return table.walk_back(txn, path, start, visit);
    });
  }
  std::string forward(const HistoryTable::Path& path, HistoryPlace start = {}) {
    return walked([&](const ReadTxn& txn, const HistoryTable::Visit& visit) {
      return table.walk_forward(txn, path, start, visit);
    });
  }

 private:
  template <class Walk>
  std::string walked(const Walk& walk) {
    std::string numbers;
    const Result<Done> done = database->store().read([&](const ReadTxn& txn) {
      return walk(txn, [&](HistoryPlace place) {
        numbers += (numbers.empty() ? "" : " ") + std::to_string(place.number);
        return true;
      });
    });
    return done.ok() ? numbers : done.error().message;
  }
};

TEST(HistoryOnDisk, an_entry_comes_back_as_it_was_appended) {
  fixture.append(full_entry());
  assert_true(fixture.find({kNow, 1}) == full_entry());
}

TEST(HistoryOnDisk, an_entry_about_a_client_comes_back_as_it_was_appended) {
  HistoryEntry entry;
  entry.time = kNow;
  entry.kind = HistoryKind::client;
  entry.client = "worker";
  entry.detail = "key rotated";
  fixture.append(entry);
  assert_true(fixture.find({kNow, 1}) == entry);
}

TEST(HistoryOnDisk, a_former_expiry_comes_back_as_a_time_too) {
  HistoryEntry entry = full_entry();
  entry.old_expires.emplace(kNow);
  fixture.append(entry);
  assert_true(fixture.find({kNow, 1}) == entry);
}

TEST(HistoryOnDisk, entries_of_one_second_are_in_the_order_they_were_appended_in) {
  for (int i = 0; i < 3; ++i) fixture.append_at(kNow);
  assert_string_equal(fixture.back(fixture.table.by_time()).c_str(), "3 2 1");
  assert_string_equal(fixture.forward(fixture.table.by_time()).c_str(), "1 2 3");
}

TEST(HistoryOnDisk, an_entry_is_not_older_than_the_one_before_it_if_the_clock_was_set_back) {
  fixture.append_at(kNow);
  fixture.append_at(kNow - std::chrono::hours(1));
  assert_true(fixture.find({kNow, 2}).has_value());
  fixture.append_at(kNow + std::chrono::seconds(1));
  assert_string_equal(fixture.back(fixture.table.by_time()).c_str(), "3 2 1");
}

TEST(HistoryOnDisk, walking_back_begins_with_its_start_and_walking_forward_after_it) {
  for (int i = 0; i < 5; ++i) fixture.append_at(kNow + std::chrono::seconds(i / 2));
  const HistoryPlace third{kNow + std::chrono::seconds(1), 3};
  assert_string_equal(fixture.back(fixture.table.by_time(), third).c_str(), "3 2 1");
  assert_string_equal(fixture.forward(fixture.table.by_time(), third).c_str(), "4 5");
}

TEST(HistoryOnDisk, a_start_that_is_gone_is_as_good_as_one_that_is_there) {
  for (int i = 0; i < 5; ++i) fixture.append_at(kNow);
  fixture.remove({kNow, 3});
  assert_string_equal(fixture.back(fixture.table.by_time(), {kNow, 3}).c_str(), "2 1");
  assert_string_equal(fixture.forward(fixture.table.by_time(), {kNow, 3}).c_str(), "4 5");
}

TEST(HistoryOnDisk, a_token_has_its_own_entries_and_those_of_its_children_but_no_grandchildren) {
  fixture.append(about_token(kKey));
  fixture.append(about_token(kChildKey, kKey));
  fixture.append(about_token(kGrandchildKey, kChildKey));
  assert_string_equal(fixture.back(fixture.table.by_token(kKey)).c_str(), "2 1");
  assert_string_equal(fixture.forward(fixture.table.by_token(kChildKey)).c_str(), "2 3");
}

TEST(HistoryOnDisk, a_user_has_the_entries_of_all_its_tokens_and_no_others) {
  fixture.append(about_token(kKey));
  HistoryEntry other = about_token(kChildKey);
  other.token.username = "packit2";
  fixture.append(other);
  fixture.append(about_token(kGrandchildKey));
  assert_string_equal(fixture.back(fixture.table.by_user("packit")).c_str(), "3 1");
  assert_string_equal(fixture.back(fixture.table.by_user("packit2")).c_str(), "2");
  assert_string_equal(fixture.back(fixture.table.by_user("pack")).c_str(), "");
}

TEST(HistoryOnDisk, a_client_is_not_mistaken_for_a_user_of_that_name) {
  HistoryEntry entry;
  entry.kind = HistoryKind::client;
  entry.client = "packit";
  fixture.append(entry);
  fixture.append(about_token(kKey));
  assert_string_equal(fixture.back(fixture.table.by_client("packit")).c_str(), "1");
  assert_string_equal(fixture.back(fixture.table.by_user("packit")).c_str(), "2");
}

TEST(HistoryOnDisk, a_removed_entry_is_gone_from_all_its_paths) {
  fixture.append(about_token(kChildKey, kKey));
  fixture.remove({kNow, 1});
  assert_false(fixture.find({kNow, 1}).has_value());
  const HistoryTable& table = fixture.table;
  for (const auto& path : {table.by_time(), table.by_token(kKey), table.by_token(kChildKey),
                           table.by_user("packit")}) {
    assert_string_equal(fixture.back(path).c_str(), "");
  }
}

TEST(HistoryOnDisk, an_entry_that_does_not_open_is_an_error_and_can_be_removed) {
  fixture.append_at(kNow);
  fixture.close();
  fixture.corrupt("history");
  fixture.open();
  const HistoryTable table(*fixture.database);
  const auto found = fixture.database->store().read([&](const ReadTxn& txn) {
    return table.find(txn, {kNow, 1});
  });
  assert_int_equal(found.error().code, TOKMAN_E_STORE);
  const Result<Done> removed = fixture.database->store().write([&](WriteTxn& txn) {
    return table.remove(txn, {kNow, 1});
  });
  assert_true(removed.ok());
  const auto count =
      fixture.database->store().read([&](const ReadTxn& txn) { return table.count(txn); });
  assert_int_equal(count.value(), 0);
}

TEST(HistoryOnDisk, no_name_of_a_user_or_client_lies_in_the_file) {
  HistoryEntry entry = full_entry();
  entry.token.username = "planted-user";
  fixture.append(entry);
  entry.kind = HistoryKind::client;
  entry.client = "planted-client";
  fixture.append(entry);
  fixture.close();
  assert_true(fixture.file_content().find("planted") == std::string::npos);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(HistoryOnDisk, an_entry_comes_back_as_it_was_appended),
      RUN(HistoryOnDisk, an_entry_about_a_client_comes_back_as_it_was_appended),
      RUN(HistoryOnDisk, a_former_expiry_comes_back_as_a_time_too),
      RUN(HistoryOnDisk, entries_of_one_second_are_in_the_order_they_were_appended_in),
      RUN(HistoryOnDisk, an_entry_is_not_older_than_the_one_before_it_if_the_clock_was_set_back),
      RUN(HistoryOnDisk, walking_back_begins_with_its_start_and_walking_forward_after_it),
      RUN(HistoryOnDisk, a_start_that_is_gone_is_as_good_as_one_that_is_there),
      RUN(HistoryOnDisk,
          a_token_has_its_own_entries_and_those_of_its_children_but_no_grandchildren),
      RUN(HistoryOnDisk, a_user_has_the_entries_of_all_its_tokens_and_no_others),
      RUN(HistoryOnDisk, a_client_is_not_mistaken_for_a_user_of_that_name),
      RUN(HistoryOnDisk, a_removed_entry_is_gone_from_all_its_paths),
      RUN(HistoryOnDisk, an_entry_that_does_not_open_is_an_error_and_can_be_removed),
      RUN(HistoryOnDisk, no_name_of_a_user_or_client_lies_in_the_file),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
