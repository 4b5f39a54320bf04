// Stores that were sealed with another store key, or by the first version of tokman.
#include "daemon/platform/crypto/digest.h"
#include "daemon/services/store/length_prefix.h"
#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr std::string_view kNewKey = "a newer key of thirty-two bytes!";
constexpr std::string_view kThirdKey = "a third one of thirty-two bytes!";

struct KeyedStore : StoreWorld {
  KeyedStore() {
    put("key", "value");
    close();
  }

  void put(const std::string& key, std::string_view value) {
    const Result<Done> done = database->store().write([&](WriteTxn& txn) {
      return database->sealed(TableId::tokens).put(txn, key, SecretBytes(value));
    });
    if (!done.ok()) std::abort();
  }

  // "" if it opened.
  std::string open_with(std::string_view key, std::initializer_list<std::string_view> previous) {
    close();
    Database::StoreKeys keys{SecretBytes(key)};
    for (const std::string_view one : previous) keys.previous.emplace_back(one);
    auto opened = Database::open(folder, keys);
    if (!opened.ok()) return opened.error().message;
    database = std::move(opened).value();
    return "";
  }

  std::string get(const std::string& key) {
    const auto value = database->store().read(
        [&](const ReadTxn& txn) { return database->sealed(TableId::tokens).get(txn, key); });
    if (!value.ok()) return "unreadable";
    return std::string(value.value() ? value.value()->reveal() : "nothing");
  }

  // Makes the store anew, as the first version of tokman wrote it.
  void write_v1() {
    folder = temp.file("v1");
    Aead aead(hkdf_sha256(kStoreKey, "tokman store v1", kAeadKeyBytes).value());
    const auto seal = [&](std::string_view table, std::string_view key, std::string_view value) {
      return aead.seal(SecretBytes(value), length_prefixed({table, key})).value();
    };
    tamper("meta", [&](WriteTxn& txn, Table meta) {
      (void)txn.put(meta, "schema", "1");
      (void)txn.put(meta, "key-check", seal("meta", "key-check", "tokman store v1"));
      const Table tokens = txn.open_table("tokens").value();
      (void)txn.put(tokens, "key", seal("tokens", "key", "value"));
      (void)txn.put(tokens, "damaged", seal("tokens", "other", "value"));
    });
  }
};

TEST(KeyedStore, a_new_store_key_opens_the_store_when_the_old_one_is_named) {
  assert_string_equal(fixture.open_with(kNewKey, {kStoreKey}).c_str(), "");
  assert_string_equal(fixture.get("key").c_str(), "value");
}

TEST(KeyedStore, after_one_start_the_old_store_key_is_not_needed) {
  fixture.open_with(kNewKey, {kStoreKey});
  assert_string_equal(fixture.open_with(kNewKey, {}).c_str(), "");
  assert_string_equal(fixture.get("key").c_str(), "value");
}

TEST(KeyedStore, after_one_start_the_old_store_key_opens_nothing) {
  fixture.open_with(kNewKey, {kStoreKey});
  assert_true(fixture.open_with(kStoreKey, {}).find("another key") != std::string::npos);
}

TEST(KeyedStore, any_of_the_previous_keys_will_do) {
  assert_string_equal(fixture.open_with(kNewKey, {kThirdKey, kStoreKey}).c_str(), "");
}

TEST(KeyedStore, previous_keys_that_are_not_needed_do_no_harm) {
  assert_string_equal(fixture.open_with(kStoreKey, {kThirdKey}).c_str(), "");
  assert_string_equal(fixture.open_with(kStoreKey, {}).c_str(), "");
}

TEST(KeyedStore, when_none_of_the_keys_opens_it_the_refusal_says_where_they_were_from) {
  const std::string refusal = fixture.open_with(kNewKey, {kThirdKey});
  assert_true(refusal.find("it does not open with store.key, nor with any in "
                           "store.previous_keys") != std::string::npos);
  assert_string_equal(fixture.open_with(kStoreKey, {}).c_str(), "");
}

TEST(KeyedStore, a_previous_key_that_is_too_short_is_refused) {
  Database::StoreKeys keys{SecretBytes(kStoreKey)};
  keys.previous.emplace_back("short");
  const auto opened = Database::open(fixture.folder, keys);
  assert_string_equal(opened.error().field.c_str(), "store.previous_keys");
}

TEST(KeyedStore, a_check_seals_nothing_anew) {
  Database::StoreKeys keys{SecretBytes(kNewKey)};
  keys.previous.emplace_back(kStoreKey);
  assert_true(Database::check(fixture.folder, keys).ok());
  assert_string_equal(fixture.open_with(kStoreKey, {}).c_str(), "");
}

TEST(KeyedStore, what_the_first_version_stored_is_there) {
  fixture.write_v1();
  assert_string_equal(fixture.open_with(kStoreKey, {}).c_str(), "");
  assert_string_equal(fixture.get("key").c_str(), "value");
  assert_string_equal(fixture.open_with(kStoreKey, {}).c_str(), "");
  assert_string_equal(fixture.get("key").c_str(), "value");
}

TEST(KeyedStore, what_was_damaged_in_the_first_version_stays_unreadable) {
  fixture.write_v1();
  fixture.open_with(kStoreKey, {});
  assert_string_equal(fixture.get("damaged").c_str(), "unreadable");
}

TEST(KeyedStore, a_store_of_the_first_version_opens_with_a_previous_key) {
  fixture.write_v1();
  assert_string_equal(fixture.open_with(kNewKey, {kStoreKey}).c_str(), "");
  assert_string_equal(fixture.open_with(kNewKey, {}).c_str(), "");
  assert_string_equal(fixture.get("key").c_str(), "value");
}

TEST(KeyedStore, a_store_of_the_first_version_with_another_key_is_refused_and_left_alone) {
  fixture.write_v1();
  assert_true(fixture.open_with(kNewKey, {}).find("another key") != std::string::npos);
  assert_string_equal(fixture.open_with(kStoreKey, {}).c_str(), "");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(KeyedStore, a_new_store_key_opens_the_store_when_the_old_one_is_named),
      RUN(KeyedStore, after_one_start_the_old_store_key_is_not_needed),
      RUN(KeyedStore, after_one_start_the_old_store_key_opens_nothing),
      RUN(KeyedStore, any_of_the_previous_keys_will_do),
      RUN(KeyedStore, previous_keys_that_are_not_needed_do_no_harm),
      RUN(KeyedStore, when_none_of_the_keys_opens_it_the_refusal_says_where_they_were_from),
      RUN(KeyedStore, a_previous_key_that_is_too_short_is_refused),
      RUN(KeyedStore, a_check_seals_nothing_anew),
      RUN(KeyedStore, what_the_first_version_stored_is_there),
      RUN(KeyedStore, what_was_damaged_in_the_first_version_stays_unreadable),
      RUN(KeyedStore, a_store_of_the_first_version_opens_with_a_previous_key),
      RUN(KeyedStore, a_store_of_the_first_version_with_another_key_is_refused_and_left_alone),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
