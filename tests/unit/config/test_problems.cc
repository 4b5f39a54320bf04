// What is said about a configuration that is wrong.
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/config/config_fixture.h"

namespace tokman {
namespace {

TEST(ConfigFixture, an_unknown_key_is_named_with_its_line_and_the_nearest_known_key) {
  assert_string_equal(fixture.problems_with("[daemon]\nsoket = '/s'\n").c_str(),
                      "1.toml:4: unknown key 'soket'; did you mean 'socket'?\n");
}

TEST(ConfigFixture, an_unknown_key_that_is_like_no_other_is_only_named) {
  assert_string_equal(fixture.problems_with("[daemon]\nbackground_colour = 1\n").c_str(),
                      "1.toml:4: unknown key 'background_colour'\n");
}

TEST(ConfigFixture, an_unknown_section_is_named) {
  assert_string_equal(fixture.problems_with("[deamon]\n").c_str(),
                      "1.toml:3: unknown key 'deamon'; did you mean 'daemon'?\n");
}

TEST(ConfigFixture, keys_of_features_that_do_not_exist_are_unknown) {
  assert_string_equal(fixture.problems_with("[http]\n").c_str(), "1.toml:3: unknown key 'http'\n");
}

TEST(ConfigFixture, an_unknown_key_of_an_app_names_the_app) {
  assert_string_equal(fixture.problems_with_app("proxi = 'x'\n").c_str(),
                      "1.toml:7: app 'ci': unknown key 'proxi'; did you mean 'proxy'?\n");
}

TEST(ConfigFixture, a_wrong_type_is_named) {
  assert_string_equal(fixture.problems_with("[daemon]\nsocket = 5\n").c_str(),
                      "1.toml:4: 'daemon.socket' must be an absolute path of at most 107 bytes\n");
}

TEST(ConfigFixture, a_section_that_is_no_table_is_refused) {
  assert_string_equal(fixture.problems(fixture.build("daemon = 1\n" + fixture.store)).c_str(),
                      "1.toml:1: 'daemon' must be a table\n");
}

TEST(ConfigFixture, an_app_that_is_not_in_a_list_is_refused) {
  assert_string_equal(fixture.problems_with("[app]\nname = 'ci'\n").c_str(),
                      "1.toml:3: 'app' must be written as [[app]]\n");
  assert_string_equal(fixture.problems(fixture.build("app = [1]\n" + fixture.store)).c_str(),
                      "1.toml:1: 'app' must be written as [[app]]\n");
}

TEST(ConfigFixture, a_missing_store_key_is_named) {
  assert_string_equal(fixture.problems(fixture.build("")).c_str(),
                      "1.toml: 'store.key' is missing\n");
  assert_string_equal(fixture.problems(fixture.build("\n[store]\n")).c_str(),
                      "1.toml:2: 'store.key' is missing\n");
}

TEST(ConfigFixture, a_store_key_of_an_unknown_scheme_names_the_known_ones) {
  assert_string_equal(fixture.problems(fixture.build("[store]\nkey = 'vault:x'\n")).c_str(),
                      "1.toml:2: 'store.key' must be file:/absolute/path, env:VARIABLE, "
                      "credential:NAME, command:/program ARGUMENTS, "
                      "aws-secretsmanager:REGION/NAME[#member] or vault:MOUNT/PATH#field\n");
}

TEST(ConfigFixture, all_problems_are_reported_in_the_order_of_files_and_lines) {
  const ConfigDraft draft = fixture.build_files(
      {"[[grant]]\nname = 'g'\n[daemon]\nsoket = 1\n", "[store]\nkey = 1\nfoo = 2\n"});
  assert_string_equal(fixture.problems(draft).c_str(),
                      "1.toml:1: grant 'g': 'match' is missing\n"
                      "1.toml:1: grant 'g': 'scopes' is missing\n"
                      "1.toml:4: unknown key 'soket'; did you mean 'socket'?\n"
                      "2.toml:2: 'store.key' must be file:/absolute/path, env:VARIABLE, "
                      "credential:NAME, command:/program ARGUMENTS, "
                      "aws-secretsmanager:REGION/NAME[#member] or vault:MOUNT/PATH#field\n"
                      "2.toml:3: unknown key 'foo'\n");
}

TEST(ConfigFixture, a_problem_is_one_line_whatever_the_key_is) {
  assert_string_equal(fixture.problems_with("\"a\\nb\\u001b[2J\" = 1\n[daemon]\n").c_str(),
                      "1.toml:3: unknown key 'a?b?[2J'\n");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ConfigFixture, an_unknown_key_is_named_with_its_line_and_the_nearest_known_key),
      RUN(ConfigFixture, an_unknown_key_that_is_like_no_other_is_only_named),
      RUN(ConfigFixture, an_unknown_section_is_named),
      RUN(ConfigFixture, keys_of_features_that_do_not_exist_are_unknown),
      RUN(ConfigFixture, an_unknown_key_of_an_app_names_the_app),
      RUN(ConfigFixture, a_wrong_type_is_named),
      RUN(ConfigFixture, a_section_that_is_no_table_is_refused),
      RUN(ConfigFixture, an_app_that_is_not_in_a_list_is_refused),
      RUN(ConfigFixture, a_missing_store_key_is_named),
      RUN(ConfigFixture, a_store_key_of_an_unknown_scheme_names_the_known_ones),
      RUN(ConfigFixture, all_problems_are_reported_in_the_order_of_files_and_lines),
      RUN(ConfigFixture, a_problem_is_one_line_whatever_the_key_is),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
