// GitHub's refusals are remembered: the same question is not asked again and again.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr const char* kNotGranted =
    "The permissions requested are not granted to this installation.";
constexpr const char* kNotAccessible =
    "There is at least one repository that does not exist or is not accessible to the parent "
    "installation.";

struct RefusedFixture : BrokerFixture {
  TokenOrder stranger() const {
    TokenOrder made = order();
    made.owner = "stranger";
    return made;
  }
  // How many requests GitHub gets when `wanted` is asked for now.
  int requests_for(const TokenOrder& wanted) {
    const int before = loop.http.count("");
    ask(wanted);
    loop.advance(2s);
    return loop.http.count("") - before;
  }
};

TEST(RefusedFixture, not_installed_is_told) {
  assert_true(fixture.ask(fixture.stranger()).was_refused_with(TOKMAN_E_APP_NOT_INSTALLED));
}

TEST(RefusedFixture, not_installed_is_not_asked_again_for_thirty_seconds) {
  fixture.ask(fixture.stranger());
  fixture.loop.advance(29s);
  const TokenCaller& caller = fixture.start_asking(fixture.stranger());
  assert_true(caller.was_refused_with(TOKMAN_E_APP_NOT_INSTALLED));
  assert_true(caller.error->retry_after == 1s);
}

TEST(RefusedFixture, after_thirty_seconds_github_is_asked_again) {
  fixture.ask(fixture.stranger());
  fixture.loop.advance(30s);
  assert_int_equal(fixture.requests_for(fixture.stranger()), 3);
}

TEST(RefusedFixture, the_second_time_it_is_not_asked_again_for_a_minute) {
  fixture.ask(fixture.stranger());
  fixture.loop.advance(30s);
  fixture.ask(fixture.stranger());
  fixture.loop.advance(60s - 1ms);
  assert_int_equal(fixture.requests_for(fixture.stranger()), 0);
}

TEST(RefusedFixture, many_who_were_refused_at_once_do_not_make_it_longer) {
  for (int i = 0; i < 100; ++i) fixture.start_asking(fixture.stranger());
  fixture.loop.run();
  assert_true(fixture.start_asking(fixture.stranger()).error->retry_after == 30s);
}

TEST(RefusedFixture, an_app_that_was_installed_meanwhile_starts_again_at_thirty_seconds) {
  fixture.ask(fixture.stranger());
  fixture.loop.advance(30s);
  fixture.github.accounts["stranger"] = {77, {"hello-world"}};
  fixture.ask(fixture.stranger());
  fixture.github.accounts.erase("stranger");
  fixture.loop.advance(1h);
  fixture.ask(fixture.stranger());
  assert_true(fixture.start_asking(fixture.stranger()).error->retry_after == 30s);
}

TEST(RefusedFixture, a_remembered_refusal_says_what_github_said) {
  fixture.ask(fixture.stranger());
  assert_int_equal(fixture.start_asking(fixture.stranger()).error->github->status, 404);
}

TEST(RefusedFixture, another_repositorys_refusal_is_not_remembered_for_this_one) {
  fixture.ask(fixture.stranger());
  TokenOrder other = fixture.stranger();
  other.repositories = {"other"};
  assert_true(fixture.requests_for(other) > 0);
}

TEST(RefusedFixture, a_repository_out_of_reach_is_not_asked_again_for_five_minutes) {
  fixture.ask(fixture.order("secret"));
  fixture.loop.advance(5min - 1s);
  const TokenCaller& caller = fixture.start_asking(fixture.order("secret"));
  assert_true(caller.was_refused_with(TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE));
}

TEST(RefusedFixture, a_repository_out_of_reach_of_a_known_owner_is_remembered_too) {
  fixture.ask();
  fixture.fail_mints(1000, 422, kNotAccessible);
  fixture.ask(fixture.order("secret"));
  fixture.loop.advance(2s);
  assert_int_equal(fixture.requests_for(fixture.order("secret")), 0);
}

TEST(RefusedFixture, a_repository_that_has_moved_to_another_owner_is_told_with_its_place) {
  fixture.ask();
  fixture.fail_mints(2, 422, kNotAccessible);
  fixture.loop.http.answer_once("GET https://api.github.com/repos/octo-org/moved/installation", 200,
                                installation_body(666, "other-org"));
  const TokenCaller& caller = fixture.start_asking(fixture.order("moved"));
  fixture.loop.advance(2s);
  assert_true(caller.was_refused_with(TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE));
  assert_string_equal(caller.error->message.c_str(), "the repository has moved to other-org");
  assert_int_equal(caller.error->github->status, 422);
}

TEST(RefusedFixture, an_old_name_of_a_repository_is_told_to_be_one) {
  fixture.ask();
  fixture.fail_mints(2, 422, kNotAccessible);
  const TokenCaller& caller = fixture.start_asking(fixture.order("spoon-knife"));
  fixture.loop.advance(2s);
  assert_true(caller.was_refused_with(TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE));
  assert_string_equal(caller.error->message.c_str(),
                      "GitHub knows octo-org/spoon-knife, but gives no token by this name: it may "
                      "have been renamed");
}

TEST(RefusedFixture, a_permission_that_is_not_granted_is_not_asked_again) {
  fixture.fail_mints(1000, 422, kNotGranted);
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_PERMISSION_NOT_GRANTED));
  assert_int_equal(fixture.requests_for(fixture.order()), 0);
}

TEST(RefusedFixture, other_permissions_may_still_be_asked_for) {
  fixture.fail_mints(1, 422, kNotGranted);
  fixture.ask();
  TokenOrder less = fixture.order();
  less.permissions = Permissions::parse({{"metadata", "read"}}).value();
  assert_true(fixture.ask(less).has_token());
}

TEST(RefusedFixture, a_suspended_installation_is_not_asked_again_for_any_repository) {
  fixture.github.accounts["octo-org"].is_suspended = true;
  fixture.ask();
  assert_int_equal(fixture.requests_for(fixture.order("spoon-knife")), 0);
}

TEST(RefusedFixture, a_suspended_installation_is_asked_again_after_five_minutes) {
  fixture.github.accounts["octo-org"].is_suspended = true;
  fixture.ask();
  fixture.github.accounts["octo-org"].is_suspended = false;
  fixture.loop.advance(5min);
  assert_true(fixture.ask().has_token());
}

TEST(RefusedFixture, credentials_that_are_not_accepted_are_not_shown_again_for_any_owner) {
  fixture.fail_mints(2, 401, "A JSON web token could not be decoded");
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_UPSTREAM_AUTH));
  assert_int_equal(fixture.requests_for(fixture.stranger()), 0);
}

TEST(RefusedFixture, another_apps_credentials_may_still_be_shown) {
  fixture.fail_mints(2, 401, "A JSON web token could not be decoded");
  fixture.ask();
  TokenOrder other = fixture.order();
  other.app.name = "cd";
  assert_true(fixture.ask(other).has_token());
}

TEST(RefusedFixture, a_refusal_that_nobody_knows_is_not_remembered) {
  fixture.fail_mints(1, 403, "Resource not accessible by integration");
  fixture.ask();
  assert_true(fixture.ask().has_token());
}

TEST(RefusedFixture, a_failure_in_passing_is_not_remembered) {
  TokenOrder hasty = fixture.order();
  hasty.timeout = 1ms;
  fixture.fail_mints(1, 502);
  fixture.ask(hasty);
  fixture.loop.advance(1ms);
  assert_true(fixture.ask().has_token());
}

TEST(RefusedFixture, refusals_can_be_forgotten) {
  fixture.ask(fixture.stranger());
  fixture.github.accounts["stranger"] = {77, {"hello-world"}};
  fixture.broker().forget_refusals();
  assert_true(fixture.ask(fixture.stranger()).has_token());
}

TEST(RefusedFixture, a_key_that_is_accepted_later_ends_what_the_keys_were_refused_for) {
  fixture.fail_mints(2, 401, "A JSON web token could not be decoded");
  fixture.ask();
  fixture.broker().forget_refused_keys("ci");
  assert_true(fixture.ask().has_token());
}

TEST(RefusedFixture, a_key_that_is_accepted_later_leaves_refusals_with_another_cause) {
  fixture.ask(fixture.stranger());
  fixture.broker().forget_refused_keys("ci");
  fixture.github.accounts["stranger"] = {77, {"hello-world"}};
  assert_true(fixture.ask(fixture.stranger()).was_refused_with(TOKMAN_E_APP_NOT_INSTALLED));
}

TEST(RefusedFixture, a_stored_token_of_a_suspended_installation_does_not_come_back) {
  fixture.ask();
  fixture.restart();
  fixture.github.accounts["octo-org"].is_suspended = true;
  fixture.ask(fixture.order("spoon-knife"));
  fixture.loop.run();
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_INSTALLATION_SUSPENDED));
}

TEST(RefusedFixture, a_token_that_lives_is_served_whatever_others_were_refused) {
  fixture.ask();
  fixture.fail_mints(2, 401, "A JSON web token could not be decoded");
  fixture.ask(fixture.order("spoon-knife"));
  assert_true(fixture.ask().source == TokenSource::cache);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RefusedFixture, not_installed_is_told),
      RUN(RefusedFixture, not_installed_is_not_asked_again_for_thirty_seconds),
      RUN(RefusedFixture, after_thirty_seconds_github_is_asked_again),
      RUN(RefusedFixture, the_second_time_it_is_not_asked_again_for_a_minute),
      RUN(RefusedFixture, many_who_were_refused_at_once_do_not_make_it_longer),
      RUN(RefusedFixture, an_app_that_was_installed_meanwhile_starts_again_at_thirty_seconds),
      RUN(RefusedFixture, a_remembered_refusal_says_what_github_said),
      RUN(RefusedFixture, another_repositorys_refusal_is_not_remembered_for_this_one),
      RUN(RefusedFixture, a_repository_out_of_reach_is_not_asked_again_for_five_minutes),
      RUN(RefusedFixture, a_repository_out_of_reach_of_a_known_owner_is_remembered_too),
      RUN(RefusedFixture, a_repository_that_has_moved_to_another_owner_is_told_with_its_place),
      RUN(RefusedFixture, an_old_name_of_a_repository_is_told_to_be_one),
      RUN(RefusedFixture, a_permission_that_is_not_granted_is_not_asked_again),
      RUN(RefusedFixture, other_permissions_may_still_be_asked_for),
      RUN(RefusedFixture, a_suspended_installation_is_not_asked_again_for_any_repository),
      RUN(RefusedFixture, a_suspended_installation_is_asked_again_after_five_minutes),
      RUN(RefusedFixture, credentials_that_are_not_accepted_are_not_shown_again_for_any_owner),
      RUN(RefusedFixture, another_apps_credentials_may_still_be_shown),
      RUN(RefusedFixture, a_refusal_that_nobody_knows_is_not_remembered),
      RUN(RefusedFixture, a_failure_in_passing_is_not_remembered),
      RUN(RefusedFixture, refusals_can_be_forgotten),
      RUN(RefusedFixture, a_key_that_is_accepted_later_ends_what_the_keys_were_refused_for),
      RUN(RefusedFixture, a_key_that_is_accepted_later_leaves_refusals_with_another_cause),
      RUN(RefusedFixture, a_stored_token_of_a_suspended_installation_does_not_come_back),
      RUN(RefusedFixture, a_token_that_lives_is_served_whatever_others_were_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
