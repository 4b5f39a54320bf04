// How the installation of an owner is found, and for how long it is believed.
#include "tests/component/github/directory_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;
using Kind = FakeGithubAnswers::AccountKind;

TEST(DirectoryFixture, an_installation_is_found_by_its_repository) {
  fixture.resolve("octo-org", "hello-world");
  assert_int_equal(fixture.resolved_id(), 42);
  assert_int_equal(fixture.requests(), 1);
  assert_int_equal(fixture.loop.http.count(DirectoryFixture::kRepoPath), 1);
}

TEST(DirectoryFixture, an_owner_is_looked_up_as_an_organisation) {
  fixture.resolve("octo-org");
  assert_int_equal(fixture.resolved_id(), 42);
  assert_int_equal(fixture.loop.http.count("/orgs/octo-org/installation"), 1);
  assert_int_equal(fixture.requests(), 1);
}

TEST(DirectoryFixture, an_owner_that_is_no_organisation_is_looked_up_as_a_user) {
  fixture.github.accounts["mona"] = {7, {}, Kind::user};
  fixture.resolve("mona");
  assert_int_equal(fixture.resolved_id(), 7);
  assert_int_equal(fixture.requests(), 2);
}

TEST(DirectoryFixture, a_repository_out_of_reach_of_an_organisation_is_told) {
  fixture.resolve("octo-org", "secret");
  assert_int_equal(fixture.error(), TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE);
}

TEST(DirectoryFixture, a_repository_out_of_reach_of_a_user_is_told) {
  fixture.github.accounts["mona"] = {7, {}, Kind::user};
  fixture.resolve("mona", "secret");
  assert_int_equal(fixture.error(), TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE);
  assert_int_equal(fixture.requests(), 3);
}

TEST(DirectoryFixture, an_owner_without_the_app_is_told) {
  fixture.resolve("stranger", "hello-world");
  assert_int_equal(fixture.error(), TOKMAN_E_APP_NOT_INSTALLED);
  assert_int_equal(fixture.requests(), 3);
}

TEST(DirectoryFixture, a_suspended_installation_is_told) {
  fixture.loop.http.answer_once(
      std::string("GET https://api.github.com") + DirectoryFixture::kRepoPath, 200,
      R"({"id":42,"suspended_at":"2026-01-01T00:00:00Z"})");
  fixture.resolve("octo-org", "hello-world");
  assert_int_equal(fixture.error(), TOKMAN_E_INSTALLATION_SUSPENDED);
  assert_int_equal(fixture.requests(), 1);
}

TEST(DirectoryFixture, a_failure_in_passing_ends_the_look_up) {
  fixture.loop.http.answer_once(
      std::string("GET https://api.github.com") + DirectoryFixture::kRepoPath, 502, "");
  fixture.resolve("octo-org", "hello-world");
  assert_int_equal(fixture.error(), TOKMAN_E_UPSTREAM_DOWN);
  assert_int_equal(fixture.requests(), 1);
}

TEST(DirectoryFixture, a_repository_that_has_moved_to_another_owner_is_not_the_old_owners) {
  fixture.loop.http.answer_once(
      std::string("GET https://api.github.com") + DirectoryFixture::kRepoPath, 200,
      installation_body(666, "other-org"));
  fixture.resolve("octo-org", "hello-world");
  assert_int_equal(fixture.error(), TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE);
  assert_int_equal(fixture.known_id(), 0);
}

TEST(DirectoryFixture, letter_case_of_the_account_makes_no_difference) {
  fixture.loop.http.answer_once(
      std::string("GET https://api.github.com") + DirectoryFixture::kRepoPath, 200,
      installation_body(42, "Octo-Org"));
  fixture.resolve("octo-org", "hello-world");
  assert_int_equal(fixture.resolved_id(), 42);
}

TEST(DirectoryFixture, many_who_ask_for_one_repository_cost_one_look_up) {
  for (int i = 0; i < 100; ++i) fixture.start("octo-org", "hello-world");
  fixture.loop.run();
  assert_int_equal(fixture.requests(), 1);
  assert_int_equal(fixture.answers.size(), 100);
}

TEST(DirectoryFixture, nobody_is_called_before_github_has_answered) {
  fixture.start("octo-org", "hello-world");
  assert_int_equal(fixture.answers.size(), 0);
}

TEST(DirectoryFixture, one_who_leaves_disturbs_no_other) {
  fixture.start("octo-org", "hello-world");
  fixture.start("octo-org", "hello-world");
  fixture.operations.front().reset();
  fixture.loop.run();
  assert_int_equal(fixture.answers.size(), 1);
}

TEST(DirectoryFixture, nobody_is_called_once_all_is_destroyed) {
  fixture.start("octo-org", "hello-world");
  fixture.directory.reset();
  fixture.loop.run();
  assert_int_equal(fixture.answers.size(), 0);
}

TEST(DirectoryFixture, at_first_nothing_is_known) { assert_int_equal(fixture.known_id(), 0); }

TEST(DirectoryFixture, asking_what_is_known_asks_nobody) {
  fixture.known_id();
  fixture.loop.run();
  assert_int_equal(fixture.requests(), 0);
}

TEST(DirectoryFixture, what_was_found_by_a_repository_is_known_for_its_owner) {
  fixture.resolve("octo-org", "hello-world");
  assert_int_equal(fixture.known_id(), 42);
}

TEST(DirectoryFixture, an_owner_is_known_even_if_the_repository_was_out_of_reach) {
  fixture.resolve("octo-org", "secret");
  assert_int_equal(fixture.known_id(), 42);
}

TEST(DirectoryFixture, another_apps_installation_is_not_known) {
  fixture.resolve("octo-org", "hello-world");
  fixture.app = make_app("cd");
  assert_int_equal(fixture.known_id(), 0);
}

TEST(DirectoryFixture, a_configured_installation_is_known_and_never_looked_up) {
  fixture.app.installations["octo-org"] = 4242;
  fixture.loop.advance(24h);
  assert_int_equal(fixture.known_id(), 4242);
  fixture.loop.run();
  assert_int_equal(fixture.requests(), 0);
}

TEST(DirectoryFixture, a_configured_installation_wins_over_one_that_was_learned) {
  fixture.resolve("octo-org", "hello-world");
  fixture.app.installations["octo-org"] = 4242;
  assert_int_equal(fixture.known_id(), 4242);
}

TEST(DirectoryFixture, a_forgotten_installation_is_not_known) {
  fixture.resolve("octo-org", "hello-world");
  fixture.directory->forget(fixture.app, "octo-org");
  assert_int_equal(fixture.known_id(), 0);
}

TEST(DirectoryFixture, a_forgotten_installation_is_not_known_after_a_restart) {
  fixture.resolve("octo-org", "hello-world");
  fixture.directory->forget(fixture.app, "octo-org");
  fixture.loop.run();
  fixture.restart();
  assert_int_equal(fixture.known_id(), 0);
}

TEST(DirectoryFixture, an_installation_is_known_after_a_restart) {
  fixture.resolve("octo-org", "hello-world");
  fixture.restart();
  assert_int_equal(fixture.known_id(), 42);
}

TEST(DirectoryFixture, within_an_hour_it_is_not_looked_up_again) {
  fixture.resolve("octo-org", "hello-world");
  fixture.loop.advance(1h - 1ms);
  fixture.known_id();
  fixture.loop.run();
  assert_int_equal(fixture.requests(), 1);
}

TEST(DirectoryFixture, after_an_hour_the_old_answer_is_given_while_it_is_looked_up_again) {
  fixture.resolve("octo-org", "hello-world");
  fixture.github.accounts["octo-org"].installation_id = 43;
  fixture.loop.advance(1h);
  assert_int_equal(fixture.known_id(), 42);
  fixture.loop.run();
  assert_int_equal(fixture.known_id(), 43);
}

TEST(DirectoryFixture, after_an_hour_it_is_looked_up_once_however_many_ask) {
  fixture.resolve("octo-org", "hello-world");
  fixture.loop.advance(1h);
  for (int i = 0; i < 100; ++i) fixture.known_id();
  fixture.loop.run();
  assert_int_equal(fixture.requests(), 2);
}

TEST(DirectoryFixture, after_a_restart_it_is_looked_up_again) {
  fixture.resolve("octo-org", "hello-world");
  fixture.restart();
  fixture.known_id();
  fixture.loop.run();
  assert_int_equal(fixture.requests(), 2);
}

TEST(DirectoryFixture, an_app_that_was_removed_is_no_longer_known_after_the_next_look) {
  fixture.resolve("octo-org", "hello-world");
  fixture.github.accounts.clear();
  fixture.loop.advance(1h);
  fixture.known_id();
  fixture.loop.run();
  assert_int_equal(fixture.known_id(), 0);
}

TEST(DirectoryFixture, a_failure_in_passing_changes_nothing_that_is_known) {
  fixture.resolve("octo-org", "hello-world");
  fixture.loop.advance(1h);
  fixture.loop.http.answer_once("GET https://api.github.com/orgs/octo-org/installation", 502, "");
  fixture.known_id();
  fixture.loop.run();
  assert_int_equal(fixture.known_id(), 42);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(DirectoryFixture, an_installation_is_found_by_its_repository),
      RUN(DirectoryFixture, an_owner_is_looked_up_as_an_organisation),
      RUN(DirectoryFixture, an_owner_that_is_no_organisation_is_looked_up_as_a_user),
      RUN(DirectoryFixture, a_repository_out_of_reach_of_an_organisation_is_told),
      RUN(DirectoryFixture, a_repository_out_of_reach_of_a_user_is_told),
      RUN(DirectoryFixture, an_owner_without_the_app_is_told),
      RUN(DirectoryFixture, a_suspended_installation_is_told),
      RUN(DirectoryFixture, a_failure_in_passing_ends_the_look_up),
      RUN(DirectoryFixture, a_repository_that_has_moved_to_another_owner_is_not_the_old_owners),
      RUN(DirectoryFixture, letter_case_of_the_account_makes_no_difference),
      RUN(DirectoryFixture, many_who_ask_for_one_repository_cost_one_look_up),
      RUN(DirectoryFixture, nobody_is_called_before_github_has_answered),
      RUN(DirectoryFixture, one_who_leaves_disturbs_no_other),
      RUN(DirectoryFixture, nobody_is_called_once_all_is_destroyed),
      RUN(DirectoryFixture, at_first_nothing_is_known),
      RUN(DirectoryFixture, asking_what_is_known_asks_nobody),
      RUN(DirectoryFixture, what_was_found_by_a_repository_is_known_for_its_owner),
      RUN(DirectoryFixture, an_owner_is_known_even_if_the_repository_was_out_of_reach),
      RUN(DirectoryFixture, another_apps_installation_is_not_known),
      RUN(DirectoryFixture, a_configured_installation_is_known_and_never_looked_up),
      RUN(DirectoryFixture, a_configured_installation_wins_over_one_that_was_learned),
      RUN(DirectoryFixture, a_forgotten_installation_is_not_known),
      RUN(DirectoryFixture, a_forgotten_installation_is_not_known_after_a_restart),
      RUN(DirectoryFixture, an_installation_is_known_after_a_restart),
      RUN(DirectoryFixture, within_an_hour_it_is_not_looked_up_again),
      RUN(DirectoryFixture, after_an_hour_the_old_answer_is_given_while_it_is_looked_up_again),
      RUN(DirectoryFixture, after_an_hour_it_is_looked_up_once_however_many_ask),
      RUN(DirectoryFixture, after_a_restart_it_is_looked_up_again),
      RUN(DirectoryFixture, an_app_that_was_removed_is_no_longer_known_after_the_next_look),
      RUN(DirectoryFixture, a_failure_in_passing_changes_nothing_that_is_known),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
