#include "daemon/platform/systemd/credential_folder.h"

#include <cstdlib>

#include "tests/support/cmocka_cpp.h"
#include "tests/unit/platform/systemd/variables.h"

using namespace tokman;

namespace {

struct Unit : Variables {
  Unit() { values["CREDENTIALS_DIRECTORY"] = "/run/credentials/tokmand.service"; }
  Result<std::string> path_of(std::string_view name) {
    return CredentialFolder(environment()).path_of(name);
  }
};

TEST(Unit, a_credential_is_a_file_in_the_folder) {
  assert_string_equal(fixture.path_of("store.key").value().c_str(),
                      "/run/credentials/tokmand.service/store.key");
}

TEST(Unit, a_name_that_leads_out_of_the_folder_is_refused) {
  for (const char* name : {"../shadow", "/etc/shadow", "..", ".", "", "a/b"}) {
    assert_false(fixture.path_of(name).ok());
  }
}

TEST(Unit, a_name_with_a_zero_byte_is_refused) {
  assert_false(fixture.path_of(std::string_view("key\0.pem", 8)).ok());
}

TEST(Unit, a_process_without_credentials_is_told_how_to_get_them) {
  fixture.values.clear();
  const Result<std::string> path = fixture.path_of("store.key");
  assert_false(path.ok());
  assert_true(path.error().message.find("LoadCredential=") != std::string::npos);
}

TEST(Unit, the_real_environment_is_that_of_the_process) {
  setenv("CREDENTIALS_DIRECTORY", "/real", 1);
  const Environment real = process_environment();
  assert_string_equal(CredentialFolder(real).path_of("key").value().c_str(), "/real/key");
  real.unset("CREDENTIALS_DIRECTORY");
  assert_null(getenv("CREDENTIALS_DIRECTORY"));
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Unit, a_credential_is_a_file_in_the_folder),
      RUN(Unit, a_name_that_leads_out_of_the_folder_is_refused),
      RUN(Unit, a_name_with_a_zero_byte_is_refused),
      RUN(Unit, a_process_without_credentials_is_told_how_to_get_them),
      RUN(Unit, the_real_environment_is_that_of_the_process),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
