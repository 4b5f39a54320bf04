// The configuration from the disk, and what it points to there.
#include "daemon/services/config/config_loader.h"

#include "tests/component/config/config_folder.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct LoaderFixture {
  ConfigFolder folder;
  std::string key = folder.write("ci.pem", "not looked into");
  std::string store = "[store]\nkey = 'env:KEY'\n";
  std::string config = folder.path("tokman.toml");

  void write_config(const std::string& text) const { folder.write("tokman.toml", text, 0644); }
  void write_with_app(const std::string& keys = "") const {
    write_config(store + "[[app]]\nname = 'ci'\napp_id = 7\nprivate_keys = 'file:" + key + "'\n" +
                 keys);
  }

  LoadedConfig load(ConfigReader reader = ConfigReader::daemon) const {
    return load_config(config, reader);
  }
  // All problems, one a line, without the folder.
  std::string problems(ConfigReader reader = ConfigReader::daemon) const {
    std::string lines;
    for (const ConfigProblem& problem : load(reader).problems) lines += to_string(problem) + "\n";
    const std::string prefix = folder.path("");
    for (std::size_t at; (at = lines.find(prefix)) != std::string::npos;) {
      lines.erase(at, prefix.size());
    }
    return lines;
  }
};

TEST(LoaderFixture, a_configuration_without_problems_is_loaded) {
  fixture.write_with_app();
  assert_string_equal(fixture.problems().c_str(), "");
  assert_string_equal(fixture.load().config->apps[0].name.c_str(), "ci");
}

TEST(LoaderFixture, a_configuration_with_problems_is_not_loaded) {
  fixture.write_config("");
  assert_null(fixture.load().config.get());
}

TEST(LoaderFixture, a_missing_file_is_a_problem) {
  assert_string_equal(fixture.problems().c_str(),
                      "opening tokman.toml: No such file or directory\n");
}

TEST(LoaderFixture, a_file_that_is_too_long_is_a_problem) {
  fixture.write_config(std::string(1024 * 1024 + 1, '#'));
  assert_string_equal(fixture.problems().c_str(), "tokman.toml: is longer than 1048576 bytes\n");
}

TEST(LoaderFixture, a_file_that_everybody_may_write_is_a_problem) {
  fixture.folder.write("tokman.toml", fixture.store, 0666);
  assert_string_equal(fixture.problems().c_str(),
                      "tokman.toml: may be written by everybody; run chmod o-w on it\n");
}

TEST(LoaderFixture, a_syntax_error_is_a_problem_with_its_line) {
  fixture.write_config(fixture.store + "[daemon\n");
  assert_int_equal(fixture.load().problems[0].place.line, 3);
}

TEST(LoaderFixture, files_beside_it_are_read_in_the_order_of_their_names) {
  fixture.write_config(fixture.store + "[daemon]\nsocket = '/0'\n");
  fixture.folder.write("conf.d/20.toml", "[daemon]\nsocket = '/20'\n");
  fixture.folder.write("conf.d/10.toml", "[daemon]\nsocket = '/10'\n");
  assert_string_equal(fixture.load().config->daemon.socket.c_str(), "/20");
}

TEST(LoaderFixture, hidden_files_and_other_files_beside_it_are_left_out) {
  fixture.write_config(fixture.store);
  fixture.folder.write("conf.d/.x.toml", "nonsense");
  fixture.folder.write("conf.d/x.toml~", "nonsense");
  assert_string_equal(fixture.problems().c_str(), "");
}

TEST(LoaderFixture, problems_of_all_files_are_reported_at_once) {
  fixture.write_config("[daemon]\nsoket = '/s'\n");
  fixture.folder.write("conf.d/a.toml", "[store]\nkey = 5\n");
  assert_int_equal(fixture.load().problems.size(), 2);
}

TEST(LoaderFixture, a_key_file_that_everybody_may_read_is_a_problem) {
  fixture.folder.write("ci.pem", "x", 0644);
  fixture.write_with_app();
  assert_string_equal(
      fixture.problems().c_str(),
      "tokman.toml:3: app 'ci': ci.pem is open to everybody; run chmod o-rwx on it\n");
}

TEST(LoaderFixture, a_missing_key_file_is_a_problem) {
  std::filesystem::remove(fixture.key);
  fixture.write_with_app();
  assert_string_equal(
      fixture.problems().c_str(),
      "tokman.toml:3: app 'ci': ci.pem cannot be used: No such file or directory\n");
}

TEST(LoaderFixture, a_key_file_that_is_a_folder_is_a_problem) {
  fixture.key = fixture.folder.path("");
  fixture.write_with_app();
  assert_string_equal(fixture.problems().c_str(),
                      "tokman.toml:3: app 'ci':  is not a regular file\n");
}

TEST(LoaderFixture, problems_on_the_disk_are_reported_beside_those_of_the_text) {
  std::filesystem::remove(fixture.key);
  fixture.write_with_app("proxi = 'x'\n");
  assert_int_equal(fixture.load().problems.size(), 2);
}

TEST(LoaderFixture, keys_of_a_signer_with_its_own_unit_are_not_looked_at_by_the_daemon) {
  std::filesystem::remove(fixture.key);
  fixture.write_with_app("[daemon]\nsigner = 'unix:/run/s'\n");
  assert_string_equal(fixture.problems().c_str(), "");
}

TEST(LoaderFixture, the_signer_always_looks_at_its_keys) {
  std::filesystem::remove(fixture.key);
  fixture.write_with_app("[daemon]\nsigner = 'unix:/run/s'\n");
  assert_string_not_equal(fixture.problems(ConfigReader::signer).c_str(), "");
}

TEST(LoaderFixture, the_store_key_is_looked_at_by_the_daemon_alone) {
  fixture.write_config("[store]\nkey = 'file:" + fixture.folder.path("none") + "'\n");
  assert_string_equal(fixture.problems().c_str(),
                      "tokman.toml:1: store: none cannot be used: No such file or directory\n");
  assert_string_equal(fixture.problems(ConfigReader::signer).c_str(), "");
}

TEST(LoaderFixture, a_missing_file_of_authorities_is_a_problem) {
  fixture.write_with_app("ca_file = '" + fixture.folder.path("ca.pem") + "'\n");
  assert_string_equal(
      fixture.problems().c_str(),
      "tokman.toml:3: app 'ci': ca.pem cannot be used: No such file or directory\n");
}

TEST(LoaderFixture, a_file_of_authorities_may_be_read_by_everybody) {
  fixture.folder.write("ca.pem", "x", 0644);
  fixture.write_with_app("ca_file = '" + fixture.folder.path("ca.pem") + "'\n");
  assert_string_equal(fixture.problems().c_str(), "");
}

TEST(LoaderFixture, what_fetching_secrets_needs_must_be_there) {
  for (const char* key : {"ca_file", "pkcs11_module"}) {
    fixture.write_with_app(std::string("[secrets]\n") + key + " = '" + fixture.folder.path("x") +
                           "'\n");
    assert_true(fixture.problems().find("secrets: x cannot be used: No such file or directory") !=
                std::string::npos);
  }
}

TEST(LoaderFixture, variables_and_credentials_need_not_be_there_yet) {
  fixture.write_config("[store]\nkey = 'credential:store.key'\n");
  assert_string_equal(fixture.problems().c_str(), "");
}

TEST(LoaderFixture, text_can_be_checked_without_the_disk) {
  assert_non_null(parse_config_text("[store]\nkey = 'file:/none'\n", "x").config.get());
  assert_int_equal(parse_config_text("a = = 1", "x").problems.size(), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(LoaderFixture, a_configuration_without_problems_is_loaded),
      RUN(LoaderFixture, a_configuration_with_problems_is_not_loaded),
      RUN(LoaderFixture, a_missing_file_is_a_problem),
      RUN(LoaderFixture, a_file_that_is_too_long_is_a_problem),
      RUN(LoaderFixture, a_file_that_everybody_may_write_is_a_problem),
      RUN(LoaderFixture, a_syntax_error_is_a_problem_with_its_line),
      RUN(LoaderFixture, files_beside_it_are_read_in_the_order_of_their_names),
      RUN(LoaderFixture, hidden_files_and_other_files_beside_it_are_left_out),
      RUN(LoaderFixture, problems_of_all_files_are_reported_at_once),
      RUN(LoaderFixture, a_key_file_that_everybody_may_read_is_a_problem),
      RUN(LoaderFixture, a_missing_key_file_is_a_problem),
      RUN(LoaderFixture, a_key_file_that_is_a_folder_is_a_problem),
      RUN(LoaderFixture, problems_on_the_disk_are_reported_beside_those_of_the_text),
      RUN(LoaderFixture, keys_of_a_signer_with_its_own_unit_are_not_looked_at_by_the_daemon),
      RUN(LoaderFixture, the_signer_always_looks_at_its_keys),
      RUN(LoaderFixture, the_store_key_is_looked_at_by_the_daemon_alone),
      RUN(LoaderFixture, a_missing_file_of_authorities_is_a_problem),
      RUN(LoaderFixture, a_file_of_authorities_may_be_read_by_everybody),
      RUN(LoaderFixture, what_fetching_secrets_needs_must_be_there),
      RUN(LoaderFixture, variables_and_credentials_need_not_be_there_yet),
      RUN(LoaderFixture, text_can_be_checked_without_the_disk),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
