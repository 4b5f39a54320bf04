#include "daemon/services/store/database.h"

#include <sys/stat.h>

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Opening : StoreWorld {
  Opening() { close(); }

  Error refusal(std::string_view key = kStoreKey) {
    const auto opened = Database::open(folder, {SecretBytes(key)});
    return opened.ok() ? Error{TOKMAN_OK, "was opened"} : opened.error();
  }
  bool opens(std::string_view key = kStoreKey) {
    return Database::open(folder, {SecretBytes(key)}).ok();
  }

  Error check(std::string_view key = kStoreKey) {
    const Result<Done> checked = Database::check(folder, {SecretBytes(key)});
    return checked.ok() ? Error{TOKMAN_OK, ""} : checked.error();
  }

  void set_schema(std::string_view version) {
    tamper("meta", [&](WriteTxn& txn, Table meta) { (void)txn.put(meta, "schema", version); });
  }
};

void assert_says(const Error& error, tokman_error code, std::string_view part) {
  if (error.message.find(part) == std::string::npos) print_error("%s\n", error.message.c_str());
  assert_int_equal(error.code, code);
  assert_true(error.message.find(part) != std::string::npos);
}

TEST(Opening, a_store_opens_again_with_its_key) { assert_true(fixture.opens()); }

TEST(Opening, a_newline_at_the_end_of_the_key_does_not_count) {
  assert_true(fixture.opens(std::string(kStoreKey) + "\n"));
  assert_false(fixture.opens(std::string(kStoreKey) + "\n\n"));
}

TEST(Opening, another_key_is_refused_with_what_to_do) {
  const Error refusal = fixture.refusal("another key of thirty-two bytes!");
  assert_says(refusal, TOKMAN_E_CONFIGURATION,
              "the store in " + fixture.folder +
                  " was sealed with another key: it does not open with store.key; name the key it "
                  "was sealed with in store.previous_keys, or move the store away");
}

TEST(Opening, after_a_refusal_the_right_key_still_opens_the_store) {
  assert_false(fixture.opens("another key of thirty-two bytes!"));
  assert_true(fixture.opens());
}

TEST(Opening, a_short_key_is_refused_with_its_length) {
  const Error refusal = fixture.refusal("thirty-one bytes are not enough\n");
  assert_says(refusal, TOKMAN_E_CONFIGURATION, "the store key has 31 bytes; at least 32");
  assert_string_equal(refusal.field.c_str(), "store.key");
}

TEST(Opening, a_refusal_of_a_key_does_not_repeat_it) {
  const Error refusal = fixture.refusal("secret");
  assert_true(refusal.message.find("secret") == std::string::npos);
}

TEST(Opening, a_store_of_a_newer_tokmand_is_refused_and_left_alone) {
  fixture.set_schema("3");
  assert_says(fixture.refusal(), TOKMAN_E_STORE, "was written by a newer tokmand (version 3;");
  fixture.set_schema("2");
  assert_true(fixture.opens());
}

TEST(Opening, a_store_that_does_not_say_its_version_is_refused) {
  for (const char* version : {"", "0", "-1", "one"}) {
    fixture.set_schema(version);
    assert_says(fixture.refusal(), TOKMAN_E_STORE, "is damaged");
  }
  fixture.tamper("meta", [](WriteTxn& txn, Table meta) { (void)txn.remove(meta, "schema"); });
  assert_says(fixture.refusal(), TOKMAN_E_STORE, "is damaged");
}

TEST(Opening, a_store_without_its_data_key_is_refused) {
  fixture.tamper("meta", [](WriteTxn& txn, Table meta) { (void)txn.remove(meta, "data-key:1"); });
  assert_says(fixture.refusal(), TOKMAN_E_STORE, "it has no data key");
}

TEST(Opening, a_check_makes_nothing) {
  fixture.folder = fixture.temp.file("none");
  assert_says(fixture.check(), TOKMAN_E_STORE, "does not say its version");
  assert_says(fixture.check(), TOKMAN_E_STORE, "does not say its version");
}

TEST(Opening, a_check_says_what_opening_would) {
  assert_int_equal(fixture.check().code, TOKMAN_OK);
  assert_says(fixture.check("another key of thirty-two bytes!"), TOKMAN_E_CONFIGURATION,
              "was sealed with another key");
}

TEST(Opening, a_folder_that_others_can_read_is_refused) {
  chmod(fixture.folder.c_str(), 0755);
  assert_says(fixture.refusal(), TOKMAN_E_STORE, "is open to others");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Opening, a_store_opens_again_with_its_key),
      RUN(Opening, a_newline_at_the_end_of_the_key_does_not_count),
      RUN(Opening, another_key_is_refused_with_what_to_do),
      RUN(Opening, after_a_refusal_the_right_key_still_opens_the_store),
      RUN(Opening, a_short_key_is_refused_with_its_length),
      RUN(Opening, a_refusal_of_a_key_does_not_repeat_it),
      RUN(Opening, a_store_of_a_newer_tokmand_is_refused_and_left_alone),
      RUN(Opening, a_store_that_does_not_say_its_version_is_refused),
      RUN(Opening, a_store_without_its_data_key_is_refused),
      RUN(Opening, a_check_makes_nothing),
      RUN(Opening, a_check_says_what_opening_would),
      RUN(Opening, a_folder_that_others_can_read_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
