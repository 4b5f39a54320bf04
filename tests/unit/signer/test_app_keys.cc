// What the signer has of its keys and secrets while their places change.
#include "daemon/signer/app_keys.h"

#include <cstring>
#include <map>

#include "tests/support/builders.h"
#include "tests/support/captured_log.h"
#include "tests/unit/signer/generated_key.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct MadeKey {
  std::string pem = GeneratedKey().pkcs1();
  std::string fingerprint = RsaKey::load(SecretBytes(pem)).value().fingerprint();
};
const MadeKey& made_key(std::size_t index) {
  static const std::vector<MadeKey> keys(7);
  return keys.at(index);
}

struct Keys {
  CapturedLog lines;
  Log log{lines};
  std::map<std::string, std::string> files = {
      {"a", made_key(0).pem}, {"b", made_key(1).pem}, {"secret", "hunter2"}};
  std::vector<AppConfig> apps = {make_app("ci")};
  AppKeys keys{log, [this](const std::string& location) { return read(location); }};

  Keys() {
    apps[0].private_keys = {"a", "b"};
    apps[0].webhook_secrets = {"secret"};
    keys.configure(apps);
  }
  Result<SecretBytes> read(const std::string& location) const {
    const auto file = files.find(location);
    if (file == files.end()) return Error{TOKMAN_E_SECRET_UNAVAILABLE, location + " is gone"};
    return SecretBytes(file->second);
  }
  const SigningApp& app() const { return *keys.find("ci"); }
  // Which of the made keys they are: "01".
  std::string configured() const {
    std::string all;
    for (const auto& key : app().keys) all += key.value ? name(*key.value) : "-";
    return all;
  }
  std::string replaced() const {
    std::string all;
    for (const RsaKey& key : app().replaced) all += name(key);
    return all;
  }
  static std::string name(const RsaKey& key) {
    for (std::size_t i = 0; i < 7; ++i) {
      if (made_key(i).fingerprint == key.fingerprint()) return std::to_string(i);
    }
    return "?";
  }
  std::string secret() const { return std::string(app().secrets.at(0).value->reveal()); }
};

TEST(Keys, they_are_in_the_order_of_the_configuration) {
  assert_string_equal(fixture.configured().c_str(), "01");
}

TEST(Keys, a_refresh_of_what_did_not_change_changes_nothing) {
  fixture.keys.refresh();
  assert_string_equal(fixture.configured().c_str(), "01");
  assert_string_equal(fixture.replaced().c_str(), "");
}

TEST(Keys, a_refresh_finds_a_new_key_in_an_old_place) {
  fixture.files["a"] = made_key(2).pem;
  fixture.keys.refresh();
  assert_string_equal(fixture.configured().c_str(), "21");
}

TEST(Keys, the_replaced_key_can_still_sign) {
  fixture.files["a"] = made_key(2).pem;
  fixture.keys.refresh();
  assert_non_null(fixture.app().find_key(made_key(0).fingerprint));
}

TEST(Keys, a_replaced_key_is_not_the_first_choice) {
  fixture.files["a"] = made_key(2).pem;
  fixture.keys.refresh();
  assert_string_equal(Keys::name(*fixture.app().find_key("")).c_str(), "2");
}

TEST(Keys, replaced_keys_go_when_they_are_dropped) {
  fixture.files["a"] = made_key(2).pem;
  fixture.keys.refresh();
  fixture.keys.drop_replaced_keys("ci");
  assert_null(fixture.app().find_key(made_key(0).fingerprint));
}

TEST(Keys, a_replaced_key_that_comes_back_is_not_replaced_any_more) {
  fixture.files["a"] = made_key(2).pem;
  fixture.keys.refresh();
  fixture.files["a"] = made_key(0).pem;
  fixture.keys.refresh();
  assert_string_equal(fixture.configured().c_str(), "01");
  assert_string_equal(fixture.replaced().c_str(), "2");
}

TEST(Keys, four_replaced_keys_are_kept_at_most) {
  for (std::size_t i = 2; i < 7; ++i) {
    fixture.files["a"] = made_key(i).pem;
    fixture.keys.refresh();
  }
  assert_string_equal(fixture.replaced().c_str(), "2345");
}

TEST(Keys, a_key_whose_place_vanished_still_signs) {
  fixture.files.erase("a");
  fixture.keys.refresh();
  assert_string_equal(fixture.configured().c_str(), "01");
}

TEST(Keys, why_a_place_gives_no_key_any_more_is_told) {
  fixture.files["a"] = "half a k";
  fixture.keys.refresh();
  assert_non_null(std::strstr(fixture.app().keys.at(0).error.c_str(), "a: is not a PEM file"));
}

TEST(Keys, a_place_that_recovers_has_no_error) {
  fixture.files.erase("a");
  fixture.keys.refresh();
  fixture.files["a"] = made_key(0).pem;
  fixture.keys.refresh();
  assert_string_equal(fixture.app().keys.at(0).error.c_str(), "");
}

TEST(Keys, one_bad_place_does_not_keep_others_from_being_read) {
  fixture.files.erase("a");
  fixture.files["b"] = made_key(2).pem;
  fixture.keys.refresh();
  assert_string_equal(fixture.configured().c_str(), "02");
}

TEST(Keys, what_goes_wrong_is_logged_once) {
  fixture.files.erase("a");
  fixture.keys.refresh();
  fixture.keys.refresh();
  assert_int_equal(fixture.lines.count("key unusable"), 1);
}

TEST(Keys, a_key_that_is_configured_no_more_is_replaced) {
  fixture.apps[0].private_keys = {"b"};
  fixture.keys.configure(fixture.apps);
  assert_string_equal(fixture.configured().c_str(), "1");
  assert_string_equal(fixture.replaced().c_str(), "0");
}

TEST(Keys, a_configuration_with_another_order_replaces_nothing) {
  fixture.apps[0].private_keys = {"b", "a"};
  fixture.keys.configure(fixture.apps);
  assert_string_equal(fixture.configured().c_str(), "10");
  assert_string_equal(fixture.replaced().c_str(), "");
}

TEST(Keys, a_reload_keeps_what_cannot_be_read_now) {
  fixture.files.clear();
  fixture.keys.configure(fixture.apps);
  assert_string_equal(fixture.configured().c_str(), "01");
  assert_string_equal(fixture.secret().c_str(), "hunter2");
}

TEST(Keys, an_app_that_is_gone_takes_its_keys_along) {
  fixture.apps.clear();
  fixture.keys.configure(fixture.apps);
  assert_null(fixture.keys.find("ci"));
}

TEST(Keys, a_refresh_finds_a_new_webhook_secret) {
  fixture.files["secret"] = "hunter3";
  fixture.keys.refresh();
  assert_string_equal(fixture.secret().c_str(), "hunter3");
}

TEST(Keys, a_webhook_secret_that_vanished_is_kept) {
  fixture.files.erase("secret");
  fixture.keys.refresh();
  assert_string_equal(fixture.secret().c_str(), "hunter2");
}

TEST(Keys, the_line_end_of_a_webhook_secrets_file_is_no_part_of_it) {
  for (const char* text : {"hunter2\n", "hunter2\r\n"}) {
    fixture.files["secret"] = text;
    fixture.keys.refresh();
    assert_string_equal(fixture.secret().c_str(), "hunter2");
  }
}

TEST(Keys, an_empty_webhook_secret_is_none) {
  fixture.files["secret"] = "\n";
  fixture.keys.refresh();
  assert_string_equal(fixture.app().secrets.at(0).error.c_str(), "secret: is empty");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Keys, they_are_in_the_order_of_the_configuration),
      RUN(Keys, a_refresh_of_what_did_not_change_changes_nothing),
      RUN(Keys, a_refresh_finds_a_new_key_in_an_old_place),
      RUN(Keys, the_replaced_key_can_still_sign),
      RUN(Keys, a_replaced_key_is_not_the_first_choice),
      RUN(Keys, replaced_keys_go_when_they_are_dropped),
      RUN(Keys, a_replaced_key_that_comes_back_is_not_replaced_any_more),
      RUN(Keys, four_replaced_keys_are_kept_at_most),
      RUN(Keys, a_key_whose_place_vanished_still_signs),
      RUN(Keys, why_a_place_gives_no_key_any_more_is_told),
      RUN(Keys, a_place_that_recovers_has_no_error),
      RUN(Keys, one_bad_place_does_not_keep_others_from_being_read),
      RUN(Keys, what_goes_wrong_is_logged_once),
      RUN(Keys, a_key_that_is_configured_no_more_is_replaced),
      RUN(Keys, a_configuration_with_another_order_replaces_nothing),
      RUN(Keys, a_reload_keeps_what_cannot_be_read_now),
      RUN(Keys, an_app_that_is_gone_takes_its_keys_along),
      RUN(Keys, a_refresh_finds_a_new_webhook_secret),
      RUN(Keys, a_webhook_secret_that_vanished_is_kept),
      RUN(Keys, the_line_end_of_a_webhook_secrets_file_is_no_part_of_it),
      RUN(Keys, an_empty_webhook_secret_is_none),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
