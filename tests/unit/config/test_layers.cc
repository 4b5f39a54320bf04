// Several files and environments, laid over each other.
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/config/config_fixture.h"

namespace tokman {
namespace {

TEST(ConfigFixture, a_later_file_overrides_a_value) {
  const auto draft =
      fixture.build_files({fixture.store + "[daemon]\nsocket = '/a'\nsigner = 'unix:/s'\n",
                           "[daemon]\nsocket = '/b'\n"});
  assert_string_equal(draft.config.daemon.socket.c_str(), "/b");
  assert_string_equal(draft.config.daemon.signer.c_str(), "unix:/s");
}

TEST(ConfigFixture, apps_of_all_files_are_there) {
  const auto draft =
      fixture.build_files({fixture.store + fixture.app + "app_id = 7\n",
                           "[[app]]\nname = 'b'\nprivate_keys = 'env:K'\napp_id = 8\n"});
  assert_string_equal(fixture.problems(draft).c_str(), "");
  assert_int_equal(draft.config.apps.size(), 2);
}

TEST(ConfigFixture, an_app_cannot_be_changed_from_another_file) {
  const std::string app = fixture.app + "app_id = 7\n";
  assert_string_equal(fixture.problems(fixture.build_files({fixture.store + app, app})).c_str(),
                      "2.toml:1: app 'ci': is there twice\n");
}

TEST(ConfigFixture, the_chosen_environment_overrides_values) {
  const auto draft = fixture.build("environment = 'PROD'\n" + fixture.store +
                                   "[environments.PROD.daemon]\nsocket = '/prod'\n"
                                   "[environments.TEST.daemon]\nsocket = '/test'\n");
  assert_string_equal(draft.config.daemon.socket.c_str(), "/prod");
}

TEST(ConfigFixture, without_a_choice_no_environment_counts) {
  const auto draft =
      fixture.build(fixture.store + "[environments.PROD.daemon]\nsocket = '/prod'\n");
  assert_string_equal(draft.config.daemon.socket.c_str(), "/run/tokman/tokman.sock");
}

TEST(ConfigFixture, a_later_file_can_choose_the_environment) {
  const auto draft = fixture.build_files(
      {"environment = 'TEST'\n" + fixture.store +
           "[environments.PROD.daemon]\nsocket = '/prod'\n[environments.TEST]\n",
       "environment = 'PROD'\n"});
  assert_string_equal(draft.config.daemon.socket.c_str(), "/prod");
}

TEST(ConfigFixture, an_environment_merges_into_the_app_of_its_name) {
  const auto draft = fixture.build("environment = 'PROD'\n" + fixture.store + fixture.app +
                                   "app_id = 7\n[[environments.PROD.app]]\nname = 'ci'\n"
                                   "app_id = 8\n");
  assert_int_equal(draft.config.apps.size(), 1);
  assert_int_equal(draft.config.apps[0].app_id, 8);
  assert_string_equal(draft.config.apps[0].private_keys[0].c_str(), "file:/ci.pem");
}

TEST(ConfigFixture, an_environment_adds_an_app_of_a_new_name) {
  const auto draft = fixture.build("environment = 'PROD'\n" + fixture.store + fixture.app +
                                   "app_id = 7\n[[environments.PROD.app]]\nname = 'b'\n"
                                   "private_keys = 'env:K'\napp_id = 8\n");
  assert_int_equal(draft.config.apps.size(), 2);
}

TEST(ConfigFixture, an_environment_that_does_not_exist_is_refused) {
  const auto draft =
      fixture.build("environment = 'PROT'\n" + fixture.store + "[environments.PROD]\n");
  assert_string_equal(fixture.problems(draft).c_str(),
                      "1.toml:1: there is no [environments.PROT]; did you mean 'PROD'?\n");
}

TEST(ConfigFixture, an_environment_can_be_named_where_there_are_none) {
  assert_string_equal(
      fixture.problems(fixture.build("environment = 'PROD'\n" + fixture.store)).c_str(), "");
}

TEST(ConfigFixture, an_environment_cannot_choose_another) {
  const auto draft = fixture.build("environment = 'PROD'\n" + fixture.store +
                                   "[environments.PROD]\nenvironment = 'TEST'\n");
  assert_string_equal(
      fixture.problems(draft).c_str(),
      "1.toml:4: 'environments.PROD' cannot hold 'environment' or 'environments'\n");
}

TEST(ConfigFixture, environments_are_tables) {
  assert_string_equal(fixture.problems(fixture.build("environments = 1\n" + fixture.store)).c_str(),
                      "1.toml:1: 'environments' must be tables: [environments.NAME]\n");
  assert_string_equal(
      fixture.problems(fixture.build("environments.PROD = 1\n" + fixture.store)).c_str(),
      "1.toml:1: 'environments.PROD' must be a table\n");
}

TEST(ConfigFixture, an_environment_must_be_a_name) {
  assert_string_equal(fixture.problems(fixture.build("environment = 5\n" + fixture.store)).c_str(),
                      "1.toml:1: 'environment' must be a name; the tables to choose from are "
                      "[environments.NAME]\n");
}

TEST(ConfigFixture, a_problem_in_an_environment_has_its_own_line) {
  const auto draft = fixture.build("environment = 'PROD'\n" + fixture.store +
                                   "[environments.PROD.daemon]\nsocket = 'x'\n");
  assert_string_equal(fixture.problems(draft).c_str(),
                      "1.toml:5: 'daemon.socket' must be an absolute path of at most 107 bytes\n");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ConfigFixture, a_later_file_overrides_a_value),
      RUN(ConfigFixture, apps_of_all_files_are_there),
      RUN(ConfigFixture, an_app_cannot_be_changed_from_another_file),
      RUN(ConfigFixture, the_chosen_environment_overrides_values),
      RUN(ConfigFixture, without_a_choice_no_environment_counts),
      RUN(ConfigFixture, a_later_file_can_choose_the_environment),
      RUN(ConfigFixture, an_environment_merges_into_the_app_of_its_name),
      RUN(ConfigFixture, an_environment_adds_an_app_of_a_new_name),
      RUN(ConfigFixture, an_environment_that_does_not_exist_is_refused),
      RUN(ConfigFixture, an_environment_can_be_named_where_there_are_none),
      RUN(ConfigFixture, an_environment_cannot_choose_another),
      RUN(ConfigFixture, environments_are_tables),
      RUN(ConfigFixture, an_environment_must_be_a_name),
      RUN(ConfigFixture, a_problem_in_an_environment_has_its_own_line),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
