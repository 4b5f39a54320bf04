// [organizations]: the owners that are served, each with its app and installation.
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/config/config_fixture.h"

namespace tokman {
namespace {

struct OrganizationsFixture : ConfigFixture {
  ConfigDraft build_organizations(const std::string& rows) const {
    return build_app("[organizations]\n" + rows);
  }
  std::string problems_with_organizations(const std::string& rows) const {
    return problems(build_organizations(rows));
  }
};

TEST(OrganizationsFixture, without_the_section_there_is_no_list) {
  assert_true(fixture.build_app("").config.organizations.empty());
}

TEST(OrganizationsFixture, a_name_alone_is_the_app) {
  const auto organizations = fixture.build_organizations("octo-org = 'ci'\n").config.organizations;
  assert_true(organizations == (Organizations{{"octo-org", {"ci", 0}}}));
}

TEST(OrganizationsFixture, an_organization_without_keys_is_served) {
  const auto organizations = fixture.build_organizations("octo-org = {}\n").config.organizations;
  assert_true(organizations == (Organizations{{"octo-org", {}}}));
}

TEST(OrganizationsFixture, an_owner_is_known_in_lower_case) {
  assert_true(
      fixture.build_organizations("Octo-Org = {}\n").config.organizations.contains("octo-org"));
}

TEST(OrganizationsFixture, an_installation_is_pinned_for_its_app) {
  const ConfigDraft draft =
      fixture.build_organizations("Octo-Org = { app = 'ci', installation = 42 }\n");
  assert_true(draft.problems.empty());
  assert_int_equal(draft.config.apps[0].installations.at("octo-org"), 42);
}

TEST(OrganizationsFixture, each_environment_has_its_own_installation) {
  const std::string text = fixture.store + fixture.app +
                           "app_id = 7\n"
                           "[organizations]\nocto-org = { app = 'ci', installation = 1 }\n"
                           "[environments.TEST.organizations]\nocto-org = { installation = 2 }\n"
                           "test-org = 'ci'\n[environments.PROD]\n";
  const Config prod = fixture.build("environment = 'PROD'\n" + text).config;
  const Config test = fixture.build("environment = 'TEST'\n" + text).config;
  assert_true(prod.organizations == (Organizations{{"octo-org", {"ci", 1}}}));
  assert_true(test.organizations ==
              (Organizations{{"octo-org", {"ci", 2}}, {"test-org", {"ci", 0}}}));
}

TEST(OrganizationsFixture, an_unknown_app_is_refused) {
  assert_string_equal(fixture.problems_with_organizations("octo-org = 'cl'\n").c_str(),
                      "1.toml:8: 'organizations.octo-org.app' names 'cl', but there is no such "
                      "app; did you mean 'ci'?\n");
}

TEST(OrganizationsFixture, an_installation_without_an_app_is_refused) {
  assert_string_equal(
      fixture.problems_with_organizations("octo-org = { installation = 42 }\n").c_str(),
      "1.toml:8: 'organizations.octo-org' needs 'app': an installation is of one app\n");
}

TEST(OrganizationsFixture, an_installation_other_than_the_apps_is_refused) {
  const auto problems = fixture.problems_with_app(
      "installations = { octo-org = 1 }\n"
      "[organizations]\nocto-org = { app = 'ci', installation = 2 }\n");
  assert_string_equal(problems.c_str(),
                      "1.toml:9: 'organizations.octo-org.installation' differs from "
                      "'installations' of app 'ci'\n");
}

TEST(OrganizationsFixture, two_spellings_of_one_owner_are_refused) {
  assert_string_equal(
      fixture.problems_with_organizations("octo-org = {}\nOCTO-org = {}\n").c_str(),
      "1.toml:9: 'organizations.OCTO-org' is there twice: letter case makes no difference\n");
}

TEST(OrganizationsFixture, a_repository_is_no_organization) {
  assert_string_equal(fixture.problems_with_organizations("'octo-org/x' = {}\n").c_str(),
                      "1.toml:8: 'organizations.octo-org/x' must be the name of an owner\n");
}

TEST(OrganizationsFixture, a_list_of_none_is_refused) {
  assert_string_equal(fixture.problems_with_organizations("").c_str(),
                      "1.toml:7: 'organizations' must be a table of owners; without it, all are "
                      "served\n");
}

TEST(OrganizationsFixture, an_unknown_key_is_refused) {
  assert_string_equal(fixture.problems_with_organizations("octo-org = { ap = 'ci' }\n").c_str(),
                      "1.toml:8: unknown key 'ap'; did you mean 'app'?\n");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(OrganizationsFixture, without_the_section_there_is_no_list),
      RUN(OrganizationsFixture, a_name_alone_is_the_app),
      RUN(OrganizationsFixture, an_organization_without_keys_is_served),
      RUN(OrganizationsFixture, an_owner_is_known_in_lower_case),
      RUN(OrganizationsFixture, an_installation_is_pinned_for_its_app),
      RUN(OrganizationsFixture, each_environment_has_its_own_installation),
      RUN(OrganizationsFixture, an_unknown_app_is_refused),
      RUN(OrganizationsFixture, an_installation_without_an_app_is_refused),
      RUN(OrganizationsFixture, an_installation_other_than_the_apps_is_refused),
      RUN(OrganizationsFixture, two_spellings_of_one_owner_are_refused),
      RUN(OrganizationsFixture, a_repository_is_no_organization),
      RUN(OrganizationsFixture, a_list_of_none_is_refused),
      RUN(OrganizationsFixture, an_unknown_key_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
