#include "daemon/services/store/sealed_table.h"

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr std::string_view kPlanted = "ghs_PlantedMarkerThatMustNeverLieOnDisk";

struct SealedValues : StoreWorld {
  const SealedTable& tokens() { return database->sealed(TableId::tokens); }

  void put(const std::string& key, std::string_view value) {
    const Result<Done> done = database->store().write(
        [&](WriteTxn& txn) { return tokens().put(txn, key, SecretBytes(value)); });
    if (!done.ok()) std::abort();
  }

  // The value; or "nothing", or "unreadable".
  std::string get(const std::string& key, TableId table = TableId::tokens) {
    const auto value = database->store().read(
        [&](const ReadTxn& txn) { return database->sealed(table).get(txn, key); });
    if (!value.ok()) return value.error().code == TOKMAN_E_STORE ? "unreadable" : "?";
    return std::string(value.value() ? value.value()->reveal() : "nothing");
  }

  std::string raw(WriteTxn& txn, Table table, std::string_view key) {
    return std::string(txn.get(table, key).value().value());
  }
};

TEST(SealedValues, what_was_put_is_there) {
  fixture.put("key", "value");
  assert_string_equal(fixture.get("key").c_str(), "value");
}

TEST(SealedValues, what_was_not_put_is_not_there) {
  assert_string_equal(fixture.get("key").c_str(), "nothing");
}

TEST(SealedValues, the_file_never_contains_what_was_put) {
  fixture.put("key", kPlanted);
  fixture.close();
  const std::string bytes = fixture.file_content();
  assert_true(bytes.find("tokens") != std::string::npos);  // It is the right file.
  assert_true(bytes.find(kPlanted) == std::string::npos);
  assert_true(bytes.find(kPlanted.substr(0, 16)) == std::string::npos);
}

TEST(SealedValues, a_changed_value_is_unreadable) {
  fixture.put("key", "value");
  fixture.close();
  fixture.corrupt("tokens");
  fixture.open();
  assert_string_equal(fixture.get("key").c_str(), "unreadable");
}

TEST(SealedValues, a_value_moved_to_another_key_is_unreadable) {
  fixture.put("mine", "value");
  fixture.close();
  fixture.tamper("tokens", [&](WriteTxn& txn, Table table) {
    (void)txn.put(table, "yours", fixture.raw(txn, table, "mine"));
  });
  fixture.open();
  assert_string_equal(fixture.get("yours").c_str(), "unreadable");
}

TEST(SealedValues, a_value_moved_to_another_table_is_unreadable) {
  fixture.put("key", "value");
  fixture.close();
  fixture.tamper("tokens", [&](WriteTxn& txn, Table table) {
    (void)txn.put(txn.open_table("installations").value(), "key", fixture.raw(txn, table, "key"));
  });
  fixture.open();
  assert_string_equal(fixture.get("key", TableId::installations).c_str(), "unreadable");
}

TEST(SealedValues, an_unreadable_value_does_not_end_a_visit) {
  fixture.put("a", "1");
  fixture.close();
  fixture.corrupt("tokens");
  fixture.open();
  fixture.put("b", "2");
  std::string seen;
  const Result<Done> done = fixture.database->store().read([&](const ReadTxn& txn) {
    return fixture.tokens().for_each(txn, "",
                                     [&](std::string_view key, const Result<SecretBytes>& value) {
                                       seen += key;
                                       seen += value.ok() ? value.value().reveal() : "?";
                                       return true;
                                     });
  });
  assert_true(done.ok());
  assert_string_equal(seen.c_str(), "a?b2");
}

TEST(SealedValues, an_unreadable_value_can_be_replaced) {
  fixture.put("key", "value");
  fixture.close();
  fixture.corrupt("tokens");
  fixture.open();
  fixture.put("key", "value");
  assert_string_equal(fixture.get("key").c_str(), "value");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(SealedValues, what_was_put_is_there),
      RUN(SealedValues, what_was_not_put_is_not_there),
      RUN(SealedValues, the_file_never_contains_what_was_put),
      RUN(SealedValues, a_changed_value_is_unreadable),
      RUN(SealedValues, a_value_moved_to_another_key_is_unreadable),
      RUN(SealedValues, a_value_moved_to_another_table_is_unreadable),
      RUN(SealedValues, an_unreadable_value_does_not_end_a_visit),
      RUN(SealedValues, an_unreadable_value_can_be_replaced),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
