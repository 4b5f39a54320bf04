// What [organizations] adds to the grants: which owners are served, and with which app.
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/policy/policy_fixture.h"

namespace tokman {
namespace {

struct OrganizationsFixture : PolicyFixture {
  OrganizationsFixture() {
    organizations = {{"octo-org", {}}, {"packit", {}}};
    add_grant("a", {"octo-*/*"});
  }
  Error refusal(const std::string& target) const { return judge(request(target)).error(); }
};

TEST(OrganizationsFixture, an_owner_in_the_list_is_served) {
  assert_true(fixture.allows(fixture.request("octo-org/hello")));
}

TEST(OrganizationsFixture, without_a_list_every_owner_is_served) {
  fixture.organizations.clear();
  assert_true(fixture.allows(fixture.request("octo-other/hello")));
}

TEST(OrganizationsFixture, another_owner_is_not_found) {
  const Error error = fixture.refusal("octo-other/hello");
  assert_int_equal(error.code, TOKMAN_E_NOT_FOUND);
  assert_string_equal(error.field.c_str(), "target");
}

TEST(OrganizationsFixture, the_refusal_lists_only_what_the_caller_may_name) {
  assert_string_equal(
      fixture.refusal("octo-other/hello").message.c_str(),
      "octo-other is none of the organizations configured here, which are: octo-org");
}

TEST(OrganizationsFixture, whoever_may_name_more_sees_more) {
  fixture.add_grant("b", {"packit"});
  assert_string_equal(
      fixture.refusal("octo-other/hello").message.c_str(),
      "octo-other is none of the organizations configured here, which are: octo-org, packit");
}

TEST(OrganizationsFixture, a_long_list_is_cut) {
  for (int i = 10; i < 40; ++i) fixture.organizations["octo-" + std::to_string(i)] = {};
  const std::string message = fixture.refusal("octo-other/hello").message;
  assert_true(message.ends_with("octo-28, octo-29 and 11 more"));
}

TEST(OrganizationsFixture, what_policy_denies_says_nothing_of_the_list) {
  const Error error = fixture.refusal("evil/hello");
  assert_int_equal(error.code, TOKMAN_E_DENIED);
  assert_string_equal(error.message.c_str(), "policy does not allow a token for evil/hello");
}

TEST(OrganizationsFixture, its_app_is_taken_where_the_caller_names_none) {
  fixture.grants.front().apps = {"ci", "other"};
  fixture.organizations["octo-org"].app = "other";
  assert_string_equal(fixture.judge(fixture.request("octo-org/hello")).value().app.c_str(),
                      "other");
}

TEST(OrganizationsFixture, the_app_that_the_caller_names_is_taken) {
  fixture.grants.front().apps = {"ci", "other"};
  fixture.organizations["octo-org"].app = "other";
  TokenRequest request = fixture.request("octo-org/hello");
  request.app = "ci";
  assert_string_equal(fixture.judge(request).value().app.c_str(), "ci");
}

TEST(OrganizationsFixture, its_app_is_not_for_callers_without_it) {
  fixture.organizations["octo-org"].app = "other";
  assert_int_equal(fixture.refusal("octo-org/hello").code, TOKMAN_E_DENIED);
}

TEST(PolicyFixture, each_app_that_would_do_has_its_permit) {
  fixture.add_grant("a").apps = {"ci", "other"};
  fixture.add_grant("b", {"octo-org/else"}).apps = {"third"};
  const auto permits =
      fixture.policy().permits(fixture.subject(), fixture.request("octo-org/hello"));
  assert_int_equal(permits.value().size(), 2);
  assert_string_equal(permits.value()[0].app.c_str(), "ci");
  assert_string_equal(permits.value()[1].app.c_str(), "other");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(OrganizationsFixture, an_owner_in_the_list_is_served),
      RUN(OrganizationsFixture, without_a_list_every_owner_is_served),
      RUN(OrganizationsFixture, another_owner_is_not_found),
      RUN(OrganizationsFixture, the_refusal_lists_only_what_the_caller_may_name),
      RUN(OrganizationsFixture, whoever_may_name_more_sees_more),
      RUN(OrganizationsFixture, a_long_list_is_cut),
      RUN(OrganizationsFixture, what_policy_denies_says_nothing_of_the_list),
      RUN(OrganizationsFixture, its_app_is_taken_where_the_caller_names_none),
      RUN(OrganizationsFixture, the_app_that_the_caller_names_is_taken),
      RUN(OrganizationsFixture, its_app_is_not_for_callers_without_it),
      RUN(PolicyFixture, each_app_that_would_do_has_its_permit),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
