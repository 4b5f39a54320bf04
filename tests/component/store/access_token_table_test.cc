// Access tokens on disk: record and indices agree, whatever was done; what is damaged is no token.
#include "daemon/services/store/access_token_table.h"

#include "daemon/platform/crypto/digest.h"
#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr UnixTime kNow{std::chrono::seconds(1'800'000'000)};

std::string key_of(int number) {
  std::string digits = std::to_string(number);
  return std::string(21 - digits.size(), 'K') + digits + "A";
}

struct StoredTokens : StoreWorld {
  std::unique_ptr<AccessTokenTable> table = std::make_unique<AccessTokenTable>(*database);

  void reopen() {
    open();
    table = std::make_unique<AccessTokenTable>(*database);
  }

  static AccessTokenRecord record(int number, const std::string& username = "packit") {
    AccessTokenRecord made;
    made.info = {.key = key_of(number),
                 .username = username,
                 .scopes = {"github:token"},
                 .created = kNow + std::chrono::seconds(number),
                 .expires = kNow + 1h};
    made.secret_hash = sha256("secret " + std::to_string(number));
    return made;
  }
  AccessTokenInfo put(const AccessTokenRecord& made) {
    const Result<Done> done =
        database->store().write([&](WriteTxn& txn) { return table->put(txn, made); });
    if (!done.ok()) std::abort();
    return made.info;
  }
  AccessTokenInfo put_child(int number, int parent) {
    AccessTokenRecord made = record(number);
    made.info.type = TokenType::internal;
    made.info.service = "web";
    made.info.parent = key_of(parent);
    made.secret = SecretBytes("the text of a secret");
    return put(made);
  }
  void remove(const AccessTokenInfo& info) {
    const Result<Done> done =
        database->store().write([&](WriteTxn& txn) { return table->remove(txn, info); });
    if (!done.ok()) std::abort();
  }

  Result<std::optional<AccessTokenRecord>> find(int number) {
    return database->store().read(
        [&](const ReadTxn& txn) { return table->find(txn, key_of(number)); });
  }
  std::string key_of_name(const std::string& username, const std::string& name) {
    return database->store()
        .read([&](const ReadTxn& txn) { return table->find_by_name(txn, username, name); })
        .value()
        .value_or("");
  }
  std::vector<std::string> newest(const std::string& username, std::string position = "",
                                  std::size_t limit = 1000) {
    std::vector<std::string> keys;
    (void)database->store().read([&](const ReadTxn& txn) {
      return table->for_each_newest(txn, username, position,
                                    [&](std::string_view where, const AccessTokenInfo& info) {
                                      keys.push_back(info.key);
                                      last_position = where;
                                      return keys.size() < limit;
                                    });
    });
    return keys;
  }
  std::vector<std::string> expired(UnixTime now) {
    std::vector<std::string> keys;
    (void)database->store().read([&](const ReadTxn& txn) {
      return table->for_each_expired(txn, now, [&](std::string_view key) {
        keys.emplace_back(key);
        return true;
      });
    });
    return keys;
  }
  std::vector<std::string> descendants(int number) {
    std::vector<std::string> keys;
    const auto infos = database->store().read(
        [&](const ReadTxn& txn) { return table->descendants(txn, key_of(number)); });
    for (const AccessTokenInfo& info : infos.value()) keys.push_back(info.key);
    return keys;
  }
  std::size_t entries(TableId id) {
    return database->store()
        .read([&](const ReadTxn& txn) { return txn.count(database->in_clear(id)); })
        .value();
  }

  std::string last_position;
};

using Keys = std::vector<std::string>;

TEST(StoredTokens, what_was_put_is_found) {
  AccessTokenRecord made = StoredTokens::record(1);
  made.info.type = TokenType::notebook;
  made.info.name = "laptop";
  made.info.service = "web";
  made.info.parent = key_of(7);
  made.secret = SecretBytes("a secret");
  fixture.put(made);
  fixture.reopen();
  const auto found = fixture.find(1);
  assert_true(found.value()->info == made.info);
  assert_true(found.value()->secret_hash == made.secret_hash);
  assert_true(found.value()->secret.reveal() == "a secret");
}

TEST(StoredTokens, a_token_that_never_expires_is_found_and_in_no_index_of_expiry) {
  AccessTokenRecord made = StoredTokens::record(1);
  made.info.expires.reset();
  fixture.put(made);
  assert_false(fixture.find(1).value()->info.expires.has_value());
  assert_int_equal(fixture.entries(TableId::by_expiry), 0);
}

TEST(StoredTokens, an_unknown_key_is_found_by_nobody) {
  assert_false(fixture.find(1).value().has_value());
}

TEST(StoredTokens, a_name_leads_to_the_key_of_its_user_only) {
  AccessTokenRecord made = StoredTokens::record(1);
  made.info.name = "laptop";
  fixture.put(made);
  assert_string_equal(fixture.key_of_name("packit", "laptop").c_str(), key_of(1).c_str());
  assert_string_equal(fixture.key_of_name("root", "laptop").c_str(), "");
  assert_string_equal(fixture.key_of_name("packi", "tlaptop").c_str(), "");
}

TEST(StoredTokens, a_change_moves_every_index_entry) {
  AccessTokenRecord made = StoredTokens::record(1);
  made.info.name = "laptop";
  fixture.put(made);
  made.info.name = "desktop";
  made.info.expires = kNow + 2h;
  fixture.put(made);
  assert_string_equal(fixture.key_of_name("packit", "laptop").c_str(), "");
  assert_string_equal(fixture.key_of_name("packit", "desktop").c_str(), key_of(1).c_str());
  assert_int_equal(fixture.expired(kNow + 1h).size(), 0);
  assert_int_equal(fixture.expired(kNow + 2h).size(), 1);
  assert_int_equal(fixture.entries(TableId::by_user), 2);
}

TEST(StoredTokens, a_removed_token_leaves_nothing) {
  AccessTokenRecord made = StoredTokens::record(1);
  made.info.name = "laptop";
  made.info.parent = key_of(7);
  fixture.remove(fixture.put(made));
  assert_false(fixture.find(1).value().has_value());
  for (const TableId id :
       {TableId::by_user, TableId::by_name, TableId::by_parent, TableId::by_expiry}) {
    assert_int_equal(fixture.entries(id), 0);
  }
}

TEST(StoredTokens, parents_come_before_their_children) {
  fixture.put(StoredTokens::record(1));
  fixture.put_child(5, 1);
  fixture.put_child(3, 5);
  fixture.put_child(2, 3);
  fixture.put_child(4, 1);
  fixture.put_child(9, 8);  // Of another.
  assert_true(fixture.descendants(1) == (Keys{key_of(4), key_of(5), key_of(3), key_of(2)}));
  assert_int_equal(fixture.descendants(2).size(), 0);
}

TEST(StoredTokens, expired_ones_are_visited_from_the_second_they_expire) {
  fixture.put(StoredTokens::record(1));
  assert_int_equal(fixture.expired(kNow + 1h - 1s).size(), 0);
  assert_true(fixture.expired(kNow + 1h) == Keys{key_of(1)});
}

TEST(StoredTokens, those_that_ended_first_come_first) {
  for (const int number : {1, 2, 3}) {
    AccessTokenRecord made = StoredTokens::record(number);
    made.info.expires = kNow + 1h - std::chrono::seconds(number);
    fixture.put(made);
  }
  assert_true(fixture.expired(kNow + 2h) == (Keys{key_of(3), key_of(2), key_of(1)}));
}

TEST(StoredTokens, a_list_has_the_newest_first) {
  for (const int number : {2, 3, 1}) fixture.put(StoredTokens::record(number));
  fixture.put(StoredTokens::record(4, "root"));
  assert_true(fixture.newest("packit") == (Keys{key_of(3), key_of(2), key_of(1)}));
  assert_true(fixture.newest("") == (Keys{key_of(4), key_of(3), key_of(2), key_of(1)}));
}

TEST(StoredTokens, a_list_goes_on_where_it_stopped_also_when_that_token_is_gone) {
  for (const int number : {1, 2, 3, 4}) fixture.put(StoredTokens::record(number));
  fixture.newest("packit", "", 2);
  const std::string position = fixture.last_position;
  assert_int_equal(position.size(), AccessTokenTable::kPositionBytes);
  assert_true(fixture.newest("packit", position) == (Keys{key_of(2), key_of(1)}));
  fixture.remove(StoredTokens::record(3).info);
  assert_true(fixture.newest("packit", position) == (Keys{key_of(2), key_of(1)}));
}

// GF-18: changed bytes, and well sealed ones that are no record.
TEST(StoredTokens, a_changed_record_is_an_error_and_not_in_lists) {
  fixture.put(StoredTokens::record(1));
  fixture.put_child(2, 1);
  fixture.table.reset();
  fixture.close();
  fixture.corrupt("access_tokens");
  fixture.reopen();
  assert_int_equal(fixture.find(1).error().code, TOKMAN_E_STORE);
  assert_int_equal(fixture.newest("packit").size(), 0);
  assert_int_equal(fixture.descendants(1).size(), 0);
}

TEST(StoredTokens, the_children_of_a_changed_record_are_still_found) {
  fixture.put_child(2, 1);
  fixture.table.reset();
  fixture.close();
  fixture.corrupt("access_tokens");
  fixture.reopen();
  fixture.put_child(3, 2);
  assert_true(fixture.descendants(1) == Keys{key_of(3)});
}

TEST(StoredTokens, a_well_sealed_value_that_is_no_record_is_an_error) {
  const char* const values[] = {
      "",
      "garbage",
      "[]",
      "{}",
      R"({"type":"session","username":"a","scopes":[],"created":"1","secret_hash":""})",
      R"({"type":"session","username":"a","scopes":[],"created":1,"secret_hash":""})",
      R"({"type":"session","username":"a","scopes":[],"created":1})",
      R"({"type":"queen","username":"a","scopes":[],"created":1,)"
      R"("secret_hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})",
      R"({"type":"session","username":"a","scopes":[],"created":1,"more":1,)"
      R"("secret_hash":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="})",
  };
  for (const char* value : values) {
    (void)fixture.database->store().write([&](WriteTxn& txn) {
      return fixture.database->sealed(TableId::access_tokens)
          .put(txn, key_of(1), SecretBytes(value));
    });
    assert_int_equal(fixture.find(1).error().code, TOKMAN_E_STORE);
  }
}

TEST(StoredTokens, neither_secret_nor_user_nor_name_is_in_the_file_in_clear) {
  AccessTokenRecord made = StoredTokens::record(1, "planted-user");
  made.info.name = "planted-name";
  made.secret = SecretBytes("planted-secret");
  fixture.put(made);
  assert_true(fixture.file_content().find("planted") == std::string::npos);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(StoredTokens, what_was_put_is_found),
      RUN(StoredTokens, a_token_that_never_expires_is_found_and_in_no_index_of_expiry),
      RUN(StoredTokens, an_unknown_key_is_found_by_nobody),
      RUN(StoredTokens, a_name_leads_to_the_key_of_its_user_only),
      RUN(StoredTokens, a_change_moves_every_index_entry),
      RUN(StoredTokens, a_removed_token_leaves_nothing),
      RUN(StoredTokens, parents_come_before_their_children),
      RUN(StoredTokens, expired_ones_are_visited_from_the_second_they_expire),
      RUN(StoredTokens, those_that_ended_first_come_first),
      RUN(StoredTokens, a_list_has_the_newest_first),
      RUN(StoredTokens, a_list_goes_on_where_it_stopped_also_when_that_token_is_gone),
      RUN(StoredTokens, a_changed_record_is_an_error_and_not_in_lists),
      RUN(StoredTokens, the_children_of_a_changed_record_are_still_found),
      RUN(StoredTokens, a_well_sealed_value_that_is_no_record_is_an_error),
      RUN(StoredTokens, neither_secret_nor_user_nor_name_is_in_the_file_in_clear),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
