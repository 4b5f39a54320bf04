// [secrets], and the places where secrets can be.
#include "daemon/domain/config/text_forms.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/config/config_fixture.h"

namespace tokman {
namespace {

struct PlacesFixture : ConfigFixture {
  static bool are_places(std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      if (!is_key_place(text)) return false;
    }
    return true;
  }
  static bool is_any_a_place(std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
      if (is_key_place(text)) return true;
    }
    return false;
  }
};

TEST(PlacesFixture, a_command_is_a_program_with_words) {
  assert_true(PlacesFixture::are_places(
      {"command:/usr/bin/op read op://vault/item/field?x=1", "command:/bin/true"}));
  assert_false(PlacesFixture::is_any_a_place(
      {"command:", "command:op read", "command:/bin/sh -c 'x'", "command:/bin/echo \"x\"",
       "command:/bin/echo $x", "command:/bin/a | b", "command:/bin/a > b", "command:/bin/a `b`"}));
}

TEST(PlacesFixture, a_secret_of_aws_has_a_region_and_a_name) {
  assert_true(PlacesFixture::are_places(
      {"aws-secretsmanager:eu-west-1/ci", "aws-secretsmanager:eu-west-1/tokman/ci#private_key",
       "aws-secretsmanager:eu-west-1/arn:aws:secretsmanager:eu-west-1:123:secret:ci-a1B2c3"}));
  assert_false(PlacesFixture::is_any_a_place(
      {"aws-secretsmanager:", "aws-secretsmanager:ci", "aws-secretsmanager:/ci",
       "aws-secretsmanager:eu-west-1/", "aws-secretsmanager:eu-west-1/ci#",
       "aws-secretsmanager:evil.example/ci", "aws-secretsmanager:eu-west-1/a b",
       "aws-secretsmanager:eu-west-1#x/ci"}));
}

TEST(PlacesFixture, a_secret_of_vault_has_a_mount_a_path_and_a_field) {
  assert_true(PlacesFixture::are_places({"vault:secret/ci#key", "vault:kv/team/app.ci#a-b_c"}));
  assert_false(PlacesFixture::is_any_a_place({"vault:", "vault:secret/ci", "vault:secret/ci#",
                                              "vault:ci#key", "vault:secret/#key",
                                              "vault:secret//ci#key", "vault:secret/../sys/ci#key",
                                              "vault:secret/a?b#key", "vault:secret/a%2fb#key"}));
}

TEST(PlacesFixture, a_key_in_a_token_has_attributes_and_no_pin) {
  assert_true(PlacesFixture::are_places(
      {"pkcs11:token=tokman;object=ci", "pkcs11:object=ci?pin-source=file:/etc/pin"}));
  assert_false(PlacesFixture::is_any_a_place(
      {"pkcs11:", "pkcs11:ci", "pkcs11:object=ci?pin-value=1234", "pkcs11:object=a b",
       "pkcs11:object=ci?pin-source=1234", "pkcs11:object=ci;pin-value=1234",
       "pkcs11:object=ci?pin-source=file:x", "pkcs11:object=ci?"}));
}

TEST(PlacesFixture, only_a_private_key_can_be_in_a_token) {
  assert_string_equal(
      PlacesFixture::problems(PlacesFixture::build("[store]\nkey = 'pkcs11:object=ci'\n")).c_str(),
      "1.toml:2: 'store.key' must be file:/absolute/path, env:VARIABLE, credential:NAME, "
      "command:/program ARGUMENTS, aws-secretsmanager:REGION/NAME[#member] or "
      "vault:MOUNT/PATH#field\n");
}

TEST(PlacesFixture, sources_have_defaults) {
  const SecretsConfig secrets = PlacesFixture::build(fixture.store).config.secrets;
  assert_int_equal(secrets.refresh_interval.count(), 300'000);
  assert_int_equal(secrets.timeout.count(), 10'000);
  assert_string_equal(secrets.aws_metadata_endpoint.c_str(), "http://169.254.169.254");
}

TEST(PlacesFixture, sources_can_be_set) {
  const SecretsConfig secrets =
      PlacesFixture::build(
          fixture.store +
          "[secrets]\nrefresh_interval = '1h'\ntimeout = '1s'\n"
          "command_environment = ['A', 'B_2']\nvault_address = 'https://vault:8200'\n"
          "vault_token = 'credential:vault'\nvault_namespace = 'a/b'\n"
          "aws_endpoint = 'https://localhost:1'\nca_file = '/ca'\n"
          "aws_metadata_endpoint = 'http://127.0.0.1:80'\n")
          .config.secrets;
  assert_int_equal(secrets.refresh_interval.count(), 3'600'000);
  assert_string_equal(secrets.command_environment[1].c_str(), "B_2");
  assert_string_equal(secrets.vault_address.c_str(), "https://vault:8200");
  assert_string_equal(secrets.vault_token.c_str(), "credential:vault");
}

TEST(PlacesFixture, a_metadata_service_without_tls_is_on_this_host) {
  for (const char* url : {"http://169.254.169.254", "http://[::1]:80", "http://[fd00:ec2::254]"}) {
    assert_true(is_metadata_url(url));
  }
  for (const char* url : {"http://192.0.2.1", "http://127.0.0.1.example", "http://169.254.1",
                          "http://localhost", "http://127.0.0.1/x", "http://127.0.0.1:x",
                          "https://127.0.0.1", "http://127.0.0.1@192.0.2.1"}) {
    assert_false(is_metadata_url(url));
  }
}

TEST(PlacesFixture, vault_is_reached_by_tls_only) {
  assert_string_not_equal(
      fixture.problems_with("[secrets]\nvault_address = 'http://vault:8200'\n").c_str(), "");
}

TEST(PlacesFixture, vaults_own_token_is_on_this_host) {
  assert_string_equal(
      fixture.problems_with("[secrets]\nvault_token = 'vault:secret/x#y'\n").c_str(),
      "1.toml:4: 'secrets.vault_token' must be file:/absolute/path, env:VARIABLE or "
      "credential:NAME\n");
}

TEST(PlacesFixture, a_place_in_vault_needs_an_address_and_a_token) {
  const std::string key = "[store]\nkey = 'vault:secret/tokman#store'\n";
  assert_string_equal(PlacesFixture::problems(PlacesFixture::build(key)).c_str(),
                      "1.toml:1: store: has a place that begins with 'vault:', but "
                      "'secrets.vault_address' is missing\n"
                      "1.toml:1: store: has a place that begins with 'vault:', but "
                      "'secrets.vault_token' is missing\n");
  const std::string secrets =
      "[secrets]\nvault_address = 'https://vault'\nvault_token = 'env:TOKEN'\n";
  assert_string_equal(PlacesFixture::problems(PlacesFixture::build(key + secrets)).c_str(), "");
}

TEST(PlacesFixture, so_does_a_webhook_secret_in_vault) {
  assert_true(fixture.problems_with_app("webhook_secrets = 'vault:a/b#c'\n").find("vault_token") !=
              std::string::npos);
}

TEST(PlacesFixture, a_key_in_a_token_needs_a_module) {
  const std::string app = "[[app]]\nname = 'ci'\napp_id = 1\nprivate_keys = 'pkcs11:object=ci'\n";
  assert_string_equal(fixture.problems_with(app).c_str(),
                      "1.toml:3: app 'ci': has a place that begins with 'pkcs11:', but "
                      "'secrets.pkcs11_module' is missing\n");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(PlacesFixture, a_command_is_a_program_with_words),
      RUN(PlacesFixture, a_secret_of_aws_has_a_region_and_a_name),
      RUN(PlacesFixture, a_secret_of_vault_has_a_mount_a_path_and_a_field),
      RUN(PlacesFixture, a_key_in_a_token_has_attributes_and_no_pin),
      RUN(PlacesFixture, only_a_private_key_can_be_in_a_token),
      RUN(PlacesFixture, sources_have_defaults),
      RUN(PlacesFixture, sources_can_be_set),
      RUN(PlacesFixture, a_metadata_service_without_tls_is_on_this_host),
      RUN(PlacesFixture, vault_is_reached_by_tls_only),
      RUN(PlacesFixture, vaults_own_token_is_on_this_host),
      RUN(PlacesFixture, a_place_in_vault_needs_an_address_and_a_token),
      RUN(PlacesFixture, so_does_a_webhook_secret_in_vault),
      RUN(PlacesFixture, a_key_in_a_token_needs_a_module),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
