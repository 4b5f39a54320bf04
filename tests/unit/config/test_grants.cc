// [[grant]]: nobody gets anything by a mistake in one.
#include <cstring>

#include "tests/support/cmocka_cpp.h"
#include "tests/unit/config/config_fixture.h"

namespace tokman {
namespace {

TEST(ConfigFixture, a_grant_is_read_as_it_is_written) {
  const auto draft = fixture.build_grant(
      "match = { user = ['a', 'b'], uid = 5, group = 'g', gid = [6], unit = 'u@*.service', "
      "program = '/p/*' }\n" +
      fixture.gives);
  assert_string_equal(fixture.problems(draft).c_str(), "");
  const Grant& grant = draft.config.grants[0];
  assert_string_equal(grant.match.users[1].c_str(), "b");
  assert_int_equal(grant.match.uids[0], 5);
  assert_string_equal(grant.match.groups[0].c_str(), "g");
  assert_int_equal(grant.match.gids[0], 6);
  assert_string_equal(grant.match.units[0].c_str(), "u@*.service");
  assert_string_equal(grant.match.programs[0].c_str(), "/p/*");
  assert_true(grant.gives(Scope::github_token));
  assert_string_equal(grant.apps[0].c_str(), "ci");
  assert_true(grant.permissions.cover("contents", AccessLevel::read));
}

TEST(ConfigFixture, targets_are_in_lower_case) {
  const auto draft = fixture.build_grant(
      "match = { uid = 5 }\nscopes = 'github:token'\napps = 'ci'\ntargets = 'Octo-Org/X'\n"
      "permissions = { contents = 'read' }\n");
  assert_string_equal(draft.config.grants[0].targets[0].c_str(), "octo-org/x");
}

TEST(ConfigFixture, a_grant_without_a_match_is_refused) {
  assert_string_equal(fixture.problems_with_grant(fixture.gives).c_str(),
                      "1.toml:7: grant 'workers': 'match' is missing\n");
}

TEST(ConfigFixture, a_match_without_an_account_is_refused) {
  for (const char* match : {"{}", "{ unit = '*' }", "{ unit = '*', program = '/*' }"}) {
    const std::string line = std::string("match = ") + match + "\n";
    assert_string_equal(fixture.problems_with_grant(line + fixture.gives).c_str(),
                        "1.toml:9: grant 'workers': 'match' must name a user, uid, group, gid or "
                        "client; 'unit' and 'program' only narrow that\n");
  }
}

TEST(ConfigFixture, an_empty_list_does_not_mean_everybody) {
  for (const char* key : {"user", "uid", "group", "gid"}) {
    const std::string line = std::string("match = { ") + key + " = [] }\n";
    const std::string expected =
        std::string("1.toml:9: grant 'workers': 'match.") + key + "' must not be empty\n";
    assert_string_equal(fixture.problems_with_grant(line + fixture.gives).c_str(),
                        expected.c_str());
  }
}

TEST(ConfigFixture, uid_65534_cannot_be_named) {
  const std::string problems =
      fixture.problems_with_grant("match = { uid = 65534 }\n" + fixture.gives);
  assert_string_equal(problems.c_str(),
                      "1.toml:9: grant 'workers': 'match.uid' must be a number, 0 to 4294967294 "
                      "but not 65534; one or a list\n");
}

TEST(ConfigFixture, a_uid_that_does_not_fit_is_refused) {
  for (const char* uid : {"-1", "4294967295", "4294967296", "'root'"}) {
    const std::string line = std::string("match = { uid = ") + uid + " }\n";
    assert_string_not_equal(fixture.problems_with_grant(line + fixture.gives).c_str(), "");
  }
}

TEST(ConfigFixture, a_pattern_is_no_user) {
  assert_string_equal(
      fixture.problems_with_grant("match = { user = '*' }\n" + fixture.gives).c_str(),
      "1.toml:9: grant 'workers': 'match.user' must be a name, not a pattern\n");
}

TEST(ConfigFixture, an_unknown_condition_is_refused) {
  assert_string_equal(
      fixture.problems_with_grant("match = { uid = 5, usr = 'x' }\n" + fixture.gives).c_str(),
      "1.toml:9: grant 'workers': unknown key 'usr'; did you mean 'user'?\n");
}

TEST(ConfigFixture, a_grant_of_tokens_needs_apps_targets_and_permissions) {
  assert_string_equal(
      fixture.problems_with_grant("match = { uid = 5 }\nscopes = 'github:token'\n").c_str(),
      "1.toml:7: grant 'workers': 'apps' is missing: the scope \"github:token\" needs it\n"
      "1.toml:7: grant 'workers': 'targets' is missing: the scope \"github:token\" needs it\n"
      "1.toml:7: grant 'workers': 'permissions' is missing: the scope \"github:token\" needs "
      "it\n");
}

TEST(ConfigFixture, a_grant_of_administration_needs_no_targets) {
  assert_string_equal(
      fixture.problems_with_grant("match = { uid = 0 }\nscopes = 'admin:daemon'\n").c_str(), "");
}

TEST(ConfigFixture, empty_permissions_do_not_mean_all) {
  assert_string_not_equal(
      fixture
          .problems_with_grant(
              "match = { uid = 5 }\nscopes = 'github:token'\napps = 'ci'\ntargets = 'a/b'\n"
              "permissions = {}\n")
          .c_str(),
      "");
}

TEST(ConfigFixture, an_unknown_scope_is_named_with_the_nearest) {
  assert_string_equal(
      fixture.problems_with_grant("match = { uid = 5 }\nscopes = ['github:tokens']\n").c_str(),
      "1.toml:10: grant 'workers': 'scopes' names 'github:tokens', but there is no such scope; "
      "did you mean 'github:token'?\n");
}

TEST(ConfigFixture, a_scope_of_another_service_may_be_given) {
  const auto draft = fixture.build(
      fixture.store + "[access.scopes]\n'read:images' = 'See images.'\n" + fixture.grant +
      "match = { uid = 5 }\nscopes = ['read:images', 'user:token']\n");
  assert_string_equal(fixture.problems(draft).c_str(), "");
  assert_true(draft.config.grants[0].scopes == (ScopeNames{"read:images", "user:token"}));
  assert_true(draft.config.scopes.contains("read:images"));
  assert_true(draft.config.scopes.contains("admin:token"));
}

TEST(ConfigFixture, a_new_scope_with_a_name_of_ours_or_in_another_form_is_refused) {
  for (const char* name : {"admin:all", "user:x", "github:app", "read", "read:", ":x", "Read:x",
                           "read:x y", "read:*", ""}) {
    const std::string line = std::string("[access.scopes]\n'") + name + "' = 'About it.'\n";
    assert_non_null(std::strstr(fixture.problems_with(line).c_str(), "must have a name such as"));
  }
}

TEST(ConfigFixture, a_new_scope_says_what_it_is_for) {
  assert_non_null(std::strstr(fixture.problems_with("[access.scopes]\n'read:images' = 5\n").c_str(),
                              "scopes.read:images' must be a text that says what it is for"));
}

TEST(ConfigFixture, a_grant_for_a_client_needs_no_account) {
  const auto draft = fixture.build_grant("match = { client = ['batch'] }\n" + fixture.gives);
  assert_string_equal(fixture.problems(draft).c_str(), "");
  assert_string_equal(draft.config.grants[0].match.clients[0].c_str(), "batch");
}

TEST(ConfigFixture, no_requests_a_minute_is_a_bound_and_none_given_is_not) {
  const auto blocked =
      fixture.build_grant("match = { uid = 5 }\nrequests_per_minute = 0\n" + fixture.gives);
  assert_int_equal(blocked.config.grants[0].requests_per_minute, 0);
  const auto free = fixture.build_grant("match = { uid = 5 }\n" + fixture.gives);
  assert_int_equal(free.config.grants[0].requests_per_minute, kNoBound);
}

TEST(ConfigFixture, an_unknown_level_of_a_permission_is_named) {
  assert_string_equal(
      fixture
          .problems_with_grant(
              "match = { uid = 5 }\nscopes = 'github:token'\napps = 'ci'\ntargets = 'a/b'\n"
              "permissions = { contents = 'all' }\n")
          .c_str(),
      "1.toml:13: grant 'workers': 'permissions.contents' must be a permission with \"read\", "
      "\"write\" or \"admin\"\n");
}

TEST(ConfigFixture, an_app_that_does_not_exist_is_named_with_the_nearest) {
  assert_string_equal(
      fixture
          .problems_with_grant(
              "match = { uid = 5 }\nscopes = 'github:token'\napps = ['cii']\ntargets = 'a/b'\n"
              "permissions = { contents = 'read' }\n")
          .c_str(),
      "1.toml:11: grant 'workers': 'apps' names 'cii', but there is no such app; did you mean "
      "'ci'?\n");
}

TEST(ConfigFixture, two_grants_of_one_name_are_refused) {
  const std::string rest = "match = { uid = 5 }\nscopes = 'admin:daemon'\n";
  assert_string_equal(fixture.problems_with_grant(rest + fixture.grant + rest).c_str(),
                      "1.toml:11: grant 'workers': is there twice\n");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ConfigFixture, a_grant_is_read_as_it_is_written),
      RUN(ConfigFixture, targets_are_in_lower_case),
      RUN(ConfigFixture, a_grant_without_a_match_is_refused),
      RUN(ConfigFixture, a_match_without_an_account_is_refused),
      RUN(ConfigFixture, an_empty_list_does_not_mean_everybody),
      RUN(ConfigFixture, uid_65534_cannot_be_named),
      RUN(ConfigFixture, a_uid_that_does_not_fit_is_refused),
      RUN(ConfigFixture, a_pattern_is_no_user),
      RUN(ConfigFixture, an_unknown_condition_is_refused),
      RUN(ConfigFixture, a_grant_of_tokens_needs_apps_targets_and_permissions),
      RUN(ConfigFixture, a_grant_of_administration_needs_no_targets),
      RUN(ConfigFixture, empty_permissions_do_not_mean_all),
      RUN(ConfigFixture, an_unknown_scope_is_named_with_the_nearest),
      RUN(ConfigFixture, a_scope_of_another_service_may_be_given),
      RUN(ConfigFixture, a_new_scope_with_a_name_of_ours_or_in_another_form_is_refused),
      RUN(ConfigFixture, a_new_scope_says_what_it_is_for),
      RUN(ConfigFixture, a_grant_for_a_client_needs_no_account),
      RUN(ConfigFixture, no_requests_a_minute_is_a_bound_and_none_given_is_not),
      RUN(ConfigFixture, an_unknown_level_of_a_permission_is_named),
      RUN(ConfigFixture, an_app_that_does_not_exist_is_named_with_the_nearest),
      RUN(ConfigFixture, two_grants_of_one_name_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
