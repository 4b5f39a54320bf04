#include "daemon/services/store/client_table.h"

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr UnixTime kNow{1'800'000'000s};

struct StoredClients : StoreWorld {
  std::optional<ClientTable> table{*database};

  static Client client(const std::string& id = "packit") {
    return {.id = id,
            .owner = "packit@example.org",
            .description = "workers",
            .scopes = {"github:token", "user:token"},
            .max_priority = {{"*", 1}, {"ci", 200}},
            .bind_uids = {0, 4'294'967'294},
            .expires = kNow + 24h,
            .is_disabled = true,
            .created = kNow,
            .modified = kNow + 1s,
            .version = 7,
            .stretch = {32768, 8, 1, std::string("\0\xff salt", 7)},
            .keys = {{.hash = std::string(32, '\xee'), .created = kNow},
                     {.hash = std::string(32, '\0'), .created = kNow - 1h, .until = kNow + 1h}}};
  }
  void restart() {
    table.reset();
    open();
    table.emplace(*database);
  }
  template <class Change>
  void write(Change change) {
    const Result<Done> done = database->store().write([&](WriteTxn& txn) -> Result<Done> {
      change(txn);
      return Done{};
    });
    if (!done.ok()) std::abort();
  }
  void put(const Client& client) {
    write([&](WriteTxn& txn) { assert_true(table->put(txn, client).ok()); });
  }
  void log_in(const std::string& id, const std::string& jti, UnixTime until = kNow + 600s) {
    write([&](WriteTxn& txn) { assert_true(table->add_login(txn, id, jti, until).ok()); });
  }
  template <class Read>
  auto read(Read read) {
    return database->store().read([&](const ReadTxn& txn) { return read(txn); });
  }
  Result<std::optional<Client>> find(const std::string& id) {
    return read([&](const ReadTxn& txn) { return table->find(txn, id); });
  }
  bool has_login(const std::string& id, const std::string& jti) {
    return read([&](const ReadTxn& txn) { return table->has_login(txn, id, jti); }).value();
  }
  std::int64_t logins(const std::string& id) {
    return read([&](const ReadTxn& txn) { return table->count_logins(txn, id, kNow); }).value();
  }
  std::string ids_after(const std::string& id) {
    std::string ids;
    (void)read([&](const ReadTxn& txn) {
      return table->for_each_after(txn, id, [&](std::string_view found, const Result<Client>& one) {
        ids += std::string(found) + (one.ok() ? " " : "? ");
        return true;
      });
    });
    return ids;
  }
};

TEST(StoredClients, a_client_comes_back_as_it_was_put_after_a_restart) {
  fixture.put(StoredClients::client());
  fixture.restart();
  assert_true(fixture.find("packit").value() == StoredClients::client());
}

TEST(StoredClients, a_client_never_put_is_not_there) {
  fixture.put(StoredClients::client());
  assert_false(fixture.find("pack").value().has_value());
}

TEST(StoredClients, a_damaged_client_is_an_error_that_names_it) {
  fixture.put(StoredClients::client());
  fixture.table.reset();
  fixture.close();
  fixture.corrupt("clients");
  fixture.restart();
  assert_int_equal(fixture.find("packit").error().code, TOKMAN_E_STORE);
  assert_true(fixture.find("packit").error().message.find("'packit'") != std::string::npos);
  assert_string_equal(fixture.ids_after("").c_str(), "packit? ");
}

TEST(StoredClients, clients_are_gone_through_by_their_ids) {
  for (const char* id : {"c", "a", "b"}) fixture.put(StoredClients::client(id));
  assert_string_equal(fixture.ids_after("").c_str(), "a b c ");
  assert_string_equal(fixture.ids_after("a").c_str(), "b c ");
  assert_string_equal(fixture.ids_after("aa").c_str(), "b c ");
}

TEST(StoredClients, a_login_is_of_one_client_only) {
  fixture.log_in("packit", "one");
  assert_true(fixture.has_login("packit", "one"));
  assert_false(fixture.has_login("packit", "two"));
  assert_false(fixture.has_login("pack", "one"));
  assert_int_equal(fixture.logins("pack"), 0);
  assert_int_equal(fixture.logins("packit"), 1);
}

TEST(StoredClients, a_login_can_be_ended_and_is_counted_once) {
  fixture.log_in("packit", "one");
  fixture.log_in("packit", "two");
  const auto end = [&](const std::string& jti) {
    std::int64_t ended = -1;
    fixture.write(
        [&](WriteTxn& txn) { ended = fixture.table->end_login(txn, "packit", jti, kNow).value(); });
    return ended;
  };
  assert_int_equal(end("on"), 0);
  assert_int_equal(end("one"), 1);
  assert_int_equal(end("one"), 0);
  assert_false(fixture.has_login("packit", "one"));
  assert_true(fixture.has_login("packit", "two"));
}

TEST(StoredClients, a_removed_client_has_no_logins_left) {
  fixture.put(StoredClients::client());
  fixture.log_in("packit", "one");
  fixture.log_in("packit", "over", kNow);
  fixture.log_in("packit2", "other");
  std::int64_t ended = 0;
  fixture.write([&](WriteTxn& txn) { ended = fixture.table->remove(txn, "packit", kNow).value(); });
  assert_int_equal(ended, 1);
  assert_false(fixture.find("packit").value().has_value());
  assert_false(fixture.has_login("packit", "one"));
  assert_false(fixture.has_login("packit", "over"));
  assert_true(fixture.has_login("packit2", "other"));
}

TEST(StoredClients, logins_whose_time_is_over_are_swept) {
  fixture.log_in("a", "over", kNow);
  fixture.log_in("a", "alive", kNow + 1s);
  fixture.log_in("b", "over", kNow);
  fixture.write(
      [&](WriteTxn& txn) { assert_true(fixture.table->sweep_logins(txn, "a", kNow).ok()); });
  assert_false(fixture.has_login("a", "over"));
  assert_true(fixture.has_login("a", "alive"));
  assert_true(fixture.has_login("b", "over"));
  fixture.write(
      [&](WriteTxn& txn) { assert_true(fixture.table->sweep_logins(txn, "", kNow).ok()); });
  assert_false(fixture.has_login("b", "over"));
}

TEST(StoredClients, records_are_not_in_the_file_in_clear) {
  Client client = StoredClients::client();
  client.owner = "PLANTED-OWNER";
  fixture.put(client);
  assert_true(fixture.file_content().find("PLANTED") == std::string::npos);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(StoredClients, a_client_comes_back_as_it_was_put_after_a_restart),
      RUN(StoredClients, a_client_never_put_is_not_there),
      RUN(StoredClients, a_damaged_client_is_an_error_that_names_it),
      RUN(StoredClients, clients_are_gone_through_by_their_ids),
      RUN(StoredClients, a_login_is_of_one_client_only),
      RUN(StoredClients, a_login_can_be_ended_and_is_counted_once),
      RUN(StoredClients, a_removed_client_has_no_logins_left),
      RUN(StoredClients, logins_whose_time_is_over_are_swept),
      RUN(StoredClients, records_are_not_in_the_file_in_clear),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
