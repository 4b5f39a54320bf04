// Secrets from files, the environment and systemd's credentials.
#include "daemon/services/secrets/local_secret.h"

#include "tests/component/config/config_folder.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct SecretFixture {
  ConfigFolder folder;

  SecretFixture() { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  ~SecretFixture() {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    ::unsetenv("TOKMAN_TEST_SECRET");
  }

  std::string message;
  tokman_error code_of(const std::string& location) {
    const Result<SecretBytes> secret = read_local_secret(location);
    if (secret.ok()) return TOKMAN_OK;
    message = secret.error().message;
    return secret.error().code;
  }
};

TEST(SecretFixture, a_file_is_read_byte_for_byte) {
  const std::string file = fixture.folder.write("key", "abc\n");
  assert_true(read_local_secret("file:" + file).value().reveal() == "abc\n");
}

TEST(SecretFixture, a_file_that_its_group_may_read_is_read) {
  const std::string file = fixture.folder.write("key", "abc", 0640);
  assert_int_equal(fixture.code_of("file:" + file), TOKMAN_OK);
}

TEST(SecretFixture, a_file_that_everybody_may_read_is_refused) {
  const std::string file = fixture.folder.write("key", "abc", 0604);
  assert_int_equal(fixture.code_of("file:" + file), TOKMAN_E_SECRET_UNAVAILABLE);
  const std::string expected = file + " is open to everybody; run chmod o-rwx on it";
  assert_string_equal(fixture.message.c_str(), expected.c_str());
}

TEST(SecretFixture, a_file_that_its_group_may_write_is_refused) {
  const std::string file = fixture.folder.write("key", "abc", 0660);
  assert_int_equal(fixture.code_of("file:" + file), TOKMAN_E_SECRET_UNAVAILABLE);
}

TEST(SecretFixture, a_file_that_is_missing_is_refused) {
  assert_int_equal(fixture.code_of("file:" + fixture.folder.path("key")),
                   TOKMAN_E_SECRET_UNAVAILABLE);
}

TEST(SecretFixture, an_empty_file_is_refused) {
  const std::string file = fixture.folder.write("key", "");
  assert_int_equal(fixture.code_of("file:" + file), TOKMAN_E_SECRET_UNAVAILABLE);
}

TEST(SecretFixture, a_file_that_is_too_long_is_refused) {
  const std::string file = fixture.folder.write("key", std::string(kSecretBytesMax + 1, 'x'));
  assert_int_equal(fixture.code_of("file:" + file), TOKMAN_E_SECRET_UNAVAILABLE);
}

TEST(SecretFixture, a_folder_is_refused) {
  assert_int_equal(fixture.code_of("file:" + fixture.folder.path("")), TOKMAN_E_SECRET_UNAVAILABLE);
}

TEST(SecretFixture, a_variable_of_the_environment_is_read) {
  ::setenv("TOKMAN_TEST_SECRET", "abc", 1);
  assert_true(read_local_secret("env:TOKMAN_TEST_SECRET").value().reveal() == "abc");
}

TEST(SecretFixture, a_variable_that_is_missing_or_empty_is_refused) {
  assert_int_equal(fixture.code_of("env:TOKMAN_TEST_SECRET"), TOKMAN_E_SECRET_UNAVAILABLE);
  ::setenv("TOKMAN_TEST_SECRET", "", 1);
  assert_int_equal(fixture.code_of("env:TOKMAN_TEST_SECRET"), TOKMAN_E_SECRET_UNAVAILABLE);
}

TEST(SecretFixture, a_credential_is_read_where_systemd_put_it) {
  ::setenv("CREDENTIALS_DIRECTORY", fixture.folder.path("").c_str(), 1);
  fixture.folder.write("store.key", "abc", 0400);
  assert_true(read_local_secret("credential:store.key").value().reveal() == "abc");
}

TEST(SecretFixture, a_credential_without_systemd_is_refused) {
  assert_int_equal(fixture.code_of("credential:store.key"), TOKMAN_E_SECRET_UNAVAILABLE);
  assert_string_equal(fixture.message.c_str(),
                      "credential 'store.key': systemd has passed no credentials");
}

TEST(SecretFixture, an_unknown_scheme_names_the_known_ones) {
  assert_int_equal(fixture.code_of("vault:key"), TOKMAN_E_CONFIGURATION);
  assert_string_equal(fixture.message.c_str(),
                      "'vault:key' is no place of a secret on this host; it must be "
                      "file:/absolute/path, env:VARIABLE or credential:NAME");
}

TEST(SecretFixture, a_credential_cannot_lead_out_of_its_folder) {
  ::setenv("CREDENTIALS_DIRECTORY", fixture.folder.path("inner").c_str(), 1);
  fixture.folder.write("outside", "abc");
  fixture.folder.write("inner/x", "abc");
  assert_int_equal(fixture.code_of("credential:../outside"), TOKMAN_E_CONFIGURATION);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(SecretFixture, a_file_is_read_byte_for_byte),
      RUN(SecretFixture, a_file_that_its_group_may_read_is_read),
      RUN(SecretFixture, a_file_that_everybody_may_read_is_refused),
      RUN(SecretFixture, a_file_that_its_group_may_write_is_refused),
      RUN(SecretFixture, a_file_that_is_missing_is_refused),
      RUN(SecretFixture, an_empty_file_is_refused),
      RUN(SecretFixture, a_file_that_is_too_long_is_refused),
      RUN(SecretFixture, a_folder_is_refused),
      RUN(SecretFixture, a_variable_of_the_environment_is_read),
      RUN(SecretFixture, a_variable_that_is_missing_or_empty_is_refused),
      RUN(SecretFixture, a_credential_is_read_where_systemd_put_it),
      RUN(SecretFixture, a_credential_without_systemd_is_refused),
      RUN(SecretFixture, an_unknown_scheme_names_the_known_ones),
      RUN(SecretFixture, a_credential_cannot_lead_out_of_its_folder),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
