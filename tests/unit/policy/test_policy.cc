// What grants allow those whom they match, and how a refusal reads.
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/policy/policy_fixture.h"

namespace tokman {
namespace {

using Levels = std::map<std::string, std::string>;
using Names = std::vector<std::string>;

TEST(PolicyFixture, a_request_within_a_grant_is_allowed) {
  fixture.add_grant("a");
  assert_true(fixture.allows(fixture.request("octo-org/hello", Levels{{"contents", "read"}})));
}

TEST(PolicyFixture, a_caller_without_a_grant_is_denied) {
  fixture.add_grant("a").match = {.uids = {0}};
  const Result<Permit> permit = fixture.judge(fixture.request("octo-org/hello"));
  assert_int_equal(permit.error().code, TOKMAN_E_DENIED);
}

TEST(PolicyFixture, a_grant_without_the_scope_gives_no_token) {
  fixture.add_grant("a").scopes = {"admin:daemon"};
  assert_false(fixture.allows(fixture.request("octo-org/hello")));
}

TEST(PolicyFixture, another_repository_is_denied) {
  fixture.add_grant("a");
  assert_false(fixture.allows(fixture.request("octo-org/hello2")));
}

TEST(PolicyFixture, letter_case_of_a_target_makes_no_difference) {
  fixture.add_grant("a");
  assert_true(fixture.allows(fixture.request("Octo-Org/HELLO")));
}

TEST(PolicyFixture, a_star_matches_every_repository_of_an_owner) {
  fixture.add_grant("a", {"octo-org/*"});
  assert_true(fixture.allows(fixture.request("octo-org/anything.at-all")));
}

TEST(PolicyFixture, a_star_ends_at_the_slash) {
  fixture.add_grant("a", {"*"});
  assert_false(fixture.allows(fixture.request("octo-org/hello")));
}

TEST(PolicyFixture, a_star_in_the_owner_does_not_swallow_a_segment) {
  fixture.add_grant("a", {"octo-*/x"});
  TokenRequest forged = fixture.request("octo-a/x");
  assert_true(fixture.allows(forged));
  forged.repositories = {"evil/x"};
  assert_false(fixture.allows(forged));
}

TEST(PolicyFixture, an_owner_prefix_is_not_the_owner) {
  fixture.add_grant("a", {"octo-org/*"});
  assert_false(fixture.allows(fixture.request("octo-org-evil/x")));
}

TEST(PolicyFixture, a_repository_pattern_does_not_give_the_whole_installation) {
  fixture.add_grant("a", {"octo-org/*"});
  assert_false(fixture.allows(fixture.request("octo-org")));
}

TEST(PolicyFixture, an_owner_pattern_gives_the_whole_installation) {
  fixture.add_grant("a", {"octo-org"});
  assert_true(fixture.allows(fixture.request("octo-org")));
}

TEST(PolicyFixture, repositories_of_an_owner_are_judged_one_by_one) {
  fixture.add_grant("a", {"octo-org", "octo-org/one"});
  assert_true(fixture.allows(fixture.request("octo-org", {}, Names{"one"})));
  assert_false(fixture.allows(fixture.request("octo-org", {}, Names{"one", "two"})));
}

TEST(PolicyFixture, a_grant_without_targets_covers_none) {
  fixture.add_grant("a", {});
  assert_false(fixture.allows(fixture.request("octo-org")));
}

TEST(PolicyFixture, a_higher_level_than_granted_is_denied) {
  fixture.add_grant("a");
  assert_false(fixture.allows(fixture.request("octo-org/hello", Levels{{"contents", "write"}})));
}

TEST(PolicyFixture, a_lower_level_than_granted_is_allowed_as_asked) {
  fixture.add_grant("a", {"octo-org/hello"}, {{"contents", "write"}});
  const auto permit =
      fixture.judge(fixture.request("octo-org/hello", Levels{{"contents", "read"}}));
  assert_string_equal(permit.value().permissions.to_string().c_str(), "contents:read");
}

TEST(PolicyFixture, a_permission_that_is_not_granted_is_denied_not_left_out) {
  fixture.add_grant("a");
  assert_false(fixture.allows(
      fixture.request("octo-org/hello", Levels{{"contents", "read"}, {"issues", "read"}})));
}

TEST(PolicyFixture, reading_metadata_comes_with_every_grant) {
  fixture.add_grant("a");
  assert_true(fixture.allows(
      fixture.request("octo-org/hello", Levels{{"contents", "read"}, {"metadata", "read"}})));
}

TEST(PolicyFixture, writing_metadata_does_not_come_with_a_grant) {
  fixture.add_grant("a");
  assert_false(fixture.allows(fixture.request("octo-org/hello", Levels{{"metadata", "write"}})));
}

TEST(PolicyFixture, a_request_without_permissions_gets_those_of_the_grant) {
  fixture.add_grant("a", {"octo-org/hello"}, {{"contents", "write"}, {"issues", "read"}});
  const auto permit = fixture.judge(fixture.request("octo-org/hello"));
  assert_string_equal(permit.value().permissions.to_string().c_str(), "contents:write,issues:read");
}

TEST(PolicyFixture, default_permissions_come_from_the_first_grant_that_covers_all_targets) {
  fixture.add_grant("narrow", {"octo-org/one"}, {{"contents", "write"}});
  fixture.add_grant("wide", {"octo-org/*"}, {{"issues", "read"}});
  const auto asked = fixture.request("octo-org", {}, Names{"one", "two"});
  assert_string_equal(fixture.judge(asked).value().permissions.to_string().c_str(), "issues:read");
}

TEST(PolicyFixture, grants_with_different_targets_have_no_common_default) {
  fixture.add_grant("one", {"octo-org/one"});
  fixture.add_grant("two", {"octo-org/two"});
  assert_false(fixture.allows(fixture.request("octo-org", {}, Names{"one", "two"})));
}

TEST(PolicyFixture, no_permit_is_without_permissions) {
  fixture.add_grant("a").permissions = {};
  assert_false(fixture.allows(fixture.request("octo-org/hello")));
  fixture.add_grant("b");
  TokenRequest asked = fixture.request("octo-org/hello");
  asked.permissions = Permissions();
  assert_false(fixture.allows(asked));
}

TEST(PolicyFixture, two_grants_together_cover_what_neither_does) {
  fixture.add_grant("code", {"octo-org/hello"}, {{"contents", "read"}});
  fixture.add_grant("talk", {"octo-org/*"}, {{"issues", "write"}});
  const auto asked =
      fixture.request("octo-org/hello", Levels{{"contents", "read"}, {"issues", "write"}});
  assert_string_equal(fixture.granted_by(asked).c_str(), "code+talk");
}

TEST(PolicyFixture, two_grants_do_not_lend_each_other_their_targets) {
  fixture.add_grant("one", {"octo-org/one"}, {{"contents", "write"}});
  fixture.add_grant("two", {"octo-org/two"}, {{"contents", "read"}});
  const auto asked =
      fixture.request("octo-org", Levels{{"contents", "write"}}, Names{"one", "two"});
  assert_false(fixture.allows(asked));
}

TEST(PolicyFixture, grants_of_two_apps_do_not_add_up) {
  fixture.add_grant("code", {"octo-org/hello"}, {{"contents", "read"}});
  fixture.add_grant("talk", {"octo-org/hello"}, {{"issues", "read"}}).apps = {"other"};
  assert_false(fixture.allows(
      fixture.request("octo-org/hello", Levels{{"contents", "read"}, {"issues", "read"}})));
}

TEST(PolicyFixture, one_grant_for_everything_decides_alone) {
  fixture.add_grant("part", {"octo-org/hello"}, {{"contents", "read"}});
  fixture.add_grant("all", {"octo-org/hello"}, {{"contents", "read"}, {"issues", "read"}});
  const auto asked =
      fixture.request("octo-org/hello", Levels{{"contents", "read"}, {"issues", "read"}});
  assert_string_equal(fixture.granted_by(asked).c_str(), "all");
}

TEST(PolicyFixture, other_callers_grants_add_nothing) {
  fixture.add_grant("mine");
  fixture.add_grant("theirs", {"octo-org/hello"}, {{"issues", "read"}}).match = {.uids = {0}};
  assert_false(fixture.allows(
      fixture.request("octo-org/hello", Levels{{"contents", "read"}, {"issues", "read"}})));
}

TEST(PolicyFixture, the_only_app_that_would_do_is_taken) {
  fixture.add_grant("a").apps = {"other"};
  fixture.add_grant("b", {"octo-org/else"});
  const auto permit = fixture.judge(fixture.request("octo-org/hello"));
  assert_string_equal(permit.value().app.c_str(), "other");
}

TEST(PolicyFixture, several_apps_that_would_do_must_be_told_apart_by_the_caller) {
  fixture.add_grant("a").apps = {"ci", "other"};
  const auto permit = fixture.judge(fixture.request("octo-org/hello"));
  assert_int_equal(permit.error().code, TOKMAN_E_INVALID_ARGUMENT);
  assert_string_equal(permit.error().field.c_str(), "app");
}

TEST(PolicyFixture, a_named_app_settles_which) {
  fixture.add_grant("a").apps = {"ci", "other"};
  TokenRequest asked = fixture.request("octo-org/hello");
  asked.app = "other";
  assert_string_equal(fixture.judge(asked).value().app.c_str(), "other");
}

TEST(PolicyFixture, an_app_that_is_not_granted_is_denied) {
  fixture.add_grant("a");
  TokenRequest asked = fixture.request("octo-org/hello");
  asked.app = "other";
  assert_int_equal(fixture.judge(asked).error().code, TOKMAN_E_DENIED);
}

TEST(PolicyFixture, a_refusal_says_only_what_was_asked_for) {
  fixture.add_grant("secret-grant", {"octo-org/hidden"}, {{"contents", "read"}});
  const auto permit =
      fixture.judge(fixture.request("octo-org/hello", Levels{{"contents", "read"}}));
  assert_string_equal(permit.error().message.c_str(),
                      "policy does not allow a token for octo-org/hello with contents:read");
}

TEST(PolicyFixture, a_refusal_is_the_same_with_and_without_grants) {
  const TokenRequest asked = fixture.request("octo-org/hello");
  const std::string before = fixture.judge(asked).error().message;
  fixture.add_grant("other", {"octo-org/other"});
  assert_string_equal(fixture.judge(asked).error().message.c_str(), before.c_str());
}

TEST(PolicyFixture, a_verdict_without_a_failure_is_a_grant_that_allows) {
  fixture.add_grant("a");
  const auto verdicts =
      fixture.policy().verdicts(fixture.subject(), fixture.request("octo-org/hello"));
  assert_string_equal(verdicts.front().failed.c_str(), "");
}

TEST(PolicyFixture, verdicts_come_nearest_first) {
  fixture.add_grant("caller").match = {.uids = {0}};
  fixture.add_grant("target", {"octo-org/other"});
  fixture.add_grant("scope").scopes = {};
  fixture.add_grant("permission", {"octo-org/hello"}, {{"issues", "read"}});
  fixture.add_grant("app").apps = {"other"};
  TokenRequest asked = fixture.request("octo-org/hello", Levels{{"contents", "read"}});
  asked.app = "ci";
  std::string order;
  for (const GrantVerdict& verdict : fixture.policy().verdicts(fixture.subject(), asked)) {
    order += verdict.grant + " ";
  }
  assert_string_equal(order.c_str(), "permission target app scope caller ");
}

TEST(PolicyFixture, a_verdict_says_what_failed) {
  fixture.add_grant("a");
  const auto verdicts = fixture.policy().verdicts(
      fixture.subject(), fixture.request("octo-org/hello", Levels{{"issues", "read"}}));
  assert_string_equal(verdicts.front().failed.c_str(), "it does not allow issues:read");
}

TEST(PolicyFixture, a_verdict_says_whether_the_caller_may_hear_of_the_grant) {
  fixture.add_grant("mine", {"octo-org/other"});
  fixture.add_grant("theirs").match = {.uids = {0}};
  const auto verdicts =
      fixture.policy().verdicts(fixture.subject(), fixture.request("octo-org/hello"));
  assert_true(verdicts[0].matches_caller);
  assert_false(verdicts[1].matches_caller);
}

TEST(PolicyFixture, a_scope_is_given_for_the_apps_that_its_grant_names) {
  fixture.add_grant("a").scopes = {"github:webhook"};
  assert_true(fixture.policy().gives_app(fixture.subject(), Scope::github_webhook, "ci"));
  assert_false(fixture.policy().gives_app(fixture.subject(), Scope::github_webhook, "other"));
  assert_false(fixture.policy().gives_app(fixture.subject(), Scope::github_token, "ci"));
}

TEST(PolicyFixture, a_grant_that_names_no_apps_gives_its_scope_for_all) {
  Grant& grant = fixture.add_grant("a");
  grant.scopes = {"github:webhook"};
  grant.apps.clear();
  assert_true(fixture.policy().gives_app(fixture.subject(), Scope::github_webhook, "any"));
}

TEST(PolicyFixture, a_grant_for_someone_else_gives_no_app) {
  Grant& grant = fixture.add_grant("a");
  grant.scopes = {"github:webhook"};
  grant.match = {.uids = {0}};
  assert_false(fixture.policy().gives_app(fixture.subject(), Scope::github_webhook, "ci"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(PolicyFixture, a_request_within_a_grant_is_allowed),
      RUN(PolicyFixture, a_caller_without_a_grant_is_denied),
      RUN(PolicyFixture, a_grant_without_the_scope_gives_no_token),
      RUN(PolicyFixture, another_repository_is_denied),
      RUN(PolicyFixture, letter_case_of_a_target_makes_no_difference),
      RUN(PolicyFixture, a_star_matches_every_repository_of_an_owner),
      RUN(PolicyFixture, a_star_ends_at_the_slash),
      RUN(PolicyFixture, a_star_in_the_owner_does_not_swallow_a_segment),
      RUN(PolicyFixture, an_owner_prefix_is_not_the_owner),
      RUN(PolicyFixture, a_repository_pattern_does_not_give_the_whole_installation),
      RUN(PolicyFixture, an_owner_pattern_gives_the_whole_installation),
      RUN(PolicyFixture, repositories_of_an_owner_are_judged_one_by_one),
      RUN(PolicyFixture, a_grant_without_targets_covers_none),
      RUN(PolicyFixture, a_higher_level_than_granted_is_denied),
      RUN(PolicyFixture, a_lower_level_than_granted_is_allowed_as_asked),
      RUN(PolicyFixture, a_permission_that_is_not_granted_is_denied_not_left_out),
      RUN(PolicyFixture, reading_metadata_comes_with_every_grant),
      RUN(PolicyFixture, writing_metadata_does_not_come_with_a_grant),
      RUN(PolicyFixture, a_request_without_permissions_gets_those_of_the_grant),
      RUN(PolicyFixture, default_permissions_come_from_the_first_grant_that_covers_all_targets),
      RUN(PolicyFixture, grants_with_different_targets_have_no_common_default),
      RUN(PolicyFixture, no_permit_is_without_permissions),
      RUN(PolicyFixture, two_grants_together_cover_what_neither_does),
      RUN(PolicyFixture, two_grants_do_not_lend_each_other_their_targets),
      RUN(PolicyFixture, grants_of_two_apps_do_not_add_up),
      RUN(PolicyFixture, one_grant_for_everything_decides_alone),
      RUN(PolicyFixture, other_callers_grants_add_nothing),
      RUN(PolicyFixture, the_only_app_that_would_do_is_taken),
      RUN(PolicyFixture, several_apps_that_would_do_must_be_told_apart_by_the_caller),
      RUN(PolicyFixture, a_named_app_settles_which),
      RUN(PolicyFixture, an_app_that_is_not_granted_is_denied),
      RUN(PolicyFixture, a_refusal_says_only_what_was_asked_for),
      RUN(PolicyFixture, a_refusal_is_the_same_with_and_without_grants),
      RUN(PolicyFixture, a_verdict_without_a_failure_is_a_grant_that_allows),
      RUN(PolicyFixture, verdicts_come_nearest_first),
      RUN(PolicyFixture, a_verdict_says_what_failed),
      RUN(PolicyFixture, a_verdict_says_whether_the_caller_may_hear_of_the_grant),
      RUN(PolicyFixture, a_scope_is_given_for_the_apps_that_its_grant_names),
      RUN(PolicyFixture, a_grant_that_names_no_apps_gives_its_scope_for_all),
      RUN(PolicyFixture, a_grant_for_someone_else_gives_no_app),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
