// Which grants match a caller, by identity and by facts that only narrow.
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/policy/policy_fixture.h"

namespace tokman {
namespace {

TEST(PolicyFixture, without_grants_nobody_has_authority) {
  assert_true(fixture.policy().scopes_of(fixture.subject()).empty());
}

TEST(PolicyFixture, a_user_matches_by_name) {
  fixture.add_grant("a");
  assert_true(fixture.matches());
}

TEST(PolicyFixture, another_user_does_not_match) {
  fixture.add_grant("a").match = {.users = {"root", "Packit", "packi"}};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, a_user_without_a_name_never_matches_by_user) {
  fixture.add_grant("a").match = {.users = {""}};
  fixture.peer.user.reset();
  assert_false(fixture.matches());
}

TEST(PolicyFixture, one_value_of_several_is_enough) {
  fixture.add_grant("a").match = {.uids = {1, 1000}};
  assert_true(fixture.matches());
}

TEST(PolicyFixture, another_uid_does_not_match) {
  fixture.add_grant("a").match = {.uids = {100}};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, a_group_matches_by_name) {
  fixture.add_grant("a").match = {.groups = {"builders"}};
  assert_true(fixture.matches());
}

TEST(PolicyFixture, another_group_does_not_match) {
  fixture.add_grant("a").match = {.groups = {"packit"}};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, the_primary_gid_matches) {
  fixture.peer.groups.clear();
  fixture.add_grant("a").match = {.gids = {100}};
  assert_true(fixture.matches());
}

TEST(PolicyFixture, a_supplementary_gid_matches) {
  fixture.add_grant("a").match = {.gids = {200}};
  assert_true(fixture.matches());
}

TEST(PolicyFixture, a_uid_is_not_taken_for_a_gid) {
  fixture.add_grant("a").match = {.gids = {1000}};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, all_conditions_that_are_given_must_hold) {
  fixture.add_grant("a").match = {.users = {"packit"}, .gids = {999}};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, a_unit_matches_by_pattern) {
  fixture.add_grant("a").match.units = {"packit-worker@*.service"};
  assert_true(fixture.matches());
}

TEST(PolicyFixture, another_unit_does_not_match) {
  fixture.add_grant("a").match.units = {"packit-worker@*.servic", "*.scope"};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, a_caller_without_a_unit_matches_no_unit_pattern) {
  fixture.add_grant("a").match.units = {"*"};
  fixture.peer.unit.reset();
  assert_false(fixture.matches());
}

TEST(PolicyFixture, a_program_matches_by_pattern_within_one_folder) {
  fixture.add_grant("a").match.programs = {"/usr/bin/w*"};
  assert_true(fixture.matches());
}

TEST(PolicyFixture, a_program_pattern_does_not_reach_into_folders) {
  fixture.add_grant("a").match.programs = {"/usr/*"};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, a_caller_without_a_program_matches_no_program_pattern) {
  fixture.add_grant("a").match.programs = {"*", ""};
  fixture.peer.program.reset();
  assert_false(fixture.matches());
}

TEST(PolicyFixture, a_grant_without_conditions_matches_nobody) {
  fixture.add_grant("a").match = {};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, unit_and_program_alone_give_nothing) {
  fixture.add_grant("a").match = {.units = {"*"}, .programs = {"/usr/bin/worker"}};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, uid_65534_is_nobody) {
  fixture.add_grant("a").match = {.uids = {65534}};
  fixture.peer.uid = 65534;
  assert_false(fixture.matches());
}

TEST(PolicyFixture, pid_0_is_nobody) {
  fixture.add_grant("a");
  fixture.peer.pid = 0;
  assert_false(fixture.matches());
}

TEST(PolicyFixture, facts_that_were_never_read_are_nobody) {
  fixture.add_grant("a").match = {.uids = {static_cast<uid_t>(-1)}};
  fixture.peer = {};
  assert_false(fixture.matches());
}

TEST(PolicyFixture, gid_65534_gives_nothing) {
  fixture.add_grant("a").match = {.gids = {65534}};
  fixture.peer.groups.push_back(65534);
  assert_false(fixture.matches());
}

TEST(PolicyFixture, scopes_are_the_union_of_the_grants_that_match) {
  fixture.add_grant("a");
  fixture.add_grant("b").scopes = {"admin:daemon"};
  const ScopeNames both = {"github:token", "admin:daemon"};
  assert_true(fixture.policy().scopes_of(fixture.subject()) == both);
}

TEST(PolicyFixture, scopes_of_other_callers_grants_are_not_mine) {
  fixture.add_grant("a");
  Grant& other = fixture.add_grant("b");
  other.match = {.uids = {0}};
  other.scopes = {"admin:daemon"};
  assert_false(fixture.policy().scopes_of(fixture.subject()).contains("admin:daemon"));
}

TEST(PolicyFixture, matching_grants_keep_the_order_of_the_configuration) {
  fixture.add_grant("z");
  fixture.add_grant("a");
  assert_string_equal(fixture.policy().matching(fixture.subject()).front()->name.c_str(), "z");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(PolicyFixture, without_grants_nobody_has_authority),
      RUN(PolicyFixture, a_user_matches_by_name),
      RUN(PolicyFixture, another_user_does_not_match),
      RUN(PolicyFixture, a_user_without_a_name_never_matches_by_user),
      RUN(PolicyFixture, one_value_of_several_is_enough),
      RUN(PolicyFixture, another_uid_does_not_match),
      RUN(PolicyFixture, a_group_matches_by_name),
      RUN(PolicyFixture, another_group_does_not_match),
      RUN(PolicyFixture, the_primary_gid_matches),
      RUN(PolicyFixture, a_supplementary_gid_matches),
      RUN(PolicyFixture, a_uid_is_not_taken_for_a_gid),
      RUN(PolicyFixture, all_conditions_that_are_given_must_hold),
      RUN(PolicyFixture, a_unit_matches_by_pattern),
      RUN(PolicyFixture, another_unit_does_not_match),
      RUN(PolicyFixture, a_caller_without_a_unit_matches_no_unit_pattern),
      RUN(PolicyFixture, a_program_matches_by_pattern_within_one_folder),
      RUN(PolicyFixture, a_program_pattern_does_not_reach_into_folders),
      RUN(PolicyFixture, a_caller_without_a_program_matches_no_program_pattern),
      RUN(PolicyFixture, a_grant_without_conditions_matches_nobody),
      RUN(PolicyFixture, unit_and_program_alone_give_nothing),
      RUN(PolicyFixture, uid_65534_is_nobody),
      RUN(PolicyFixture, pid_0_is_nobody),
      RUN(PolicyFixture, facts_that_were_never_read_are_nobody),
      RUN(PolicyFixture, gid_65534_gives_nothing),
      RUN(PolicyFixture, scopes_are_the_union_of_the_grants_that_match),
      RUN(PolicyFixture, scopes_of_other_callers_grants_are_not_mine),
      RUN(PolicyFixture, matching_grants_keep_the_order_of_the_configuration),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
