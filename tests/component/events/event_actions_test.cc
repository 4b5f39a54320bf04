// What becomes of tokens, refusals and installations when GitHub tells of a change.
#include "tests/component/events/event_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr const char* kNotGranted =
    "The permissions requested are not granted to this installation.";

// ---- Suspension --------------------------------------------------------------------------------

TEST(EventFixture, a_suspension_ends_the_tokens_and_is_remembered_with_githubs_word) {
  fixture.ask();
  fixture.octo().is_suspended = true;
  fixture.tell("installation", "suspend");
  assert_int_equal(fixture.broker().cache().size(), 0);
  assert_true(fixture.is_refused_at_once(TOKMAN_E_INSTALLATION_SUSPENDED));
}

TEST(EventFixture, a_suspension_that_is_over_already_refuses_no_one) {
  fixture.ask();
  fixture.tell("installation", "suspend");
  assert_true(fixture.ask().has_token());
}

TEST(EventFixture, the_end_of_a_suspension_is_noticed_at_once) {
  fixture.octo().is_suspended = true;
  fixture.ask();
  fixture.octo().is_suspended = false;
  fixture.tell("installation", "unsuspend");
  assert_true(fixture.ask().has_token());
}

TEST(EventFixture, without_an_event_the_end_of_a_suspension_is_noticed_after_five_minutes) {
  fixture.octo().is_suspended = true;
  fixture.ask();
  fixture.octo().is_suspended = false;
  fixture.loop.advance(5min);
  assert_true(fixture.ask().has_token());
}

TEST(EventFixture, a_suspension_that_only_a_renewal_noticed_is_remembered) {
  fixture.ask();
  fixture.octo().is_suspended = true;
  fixture.loop.advance(42min);
  assert_true(fixture.is_refused_at_once(TOKMAN_E_INSTALLATION_SUSPENDED));
}

// ---- Installed, uninstalled, installed again ---------------------------------------------------

TEST(EventFixture, a_deleted_installation_ends_the_tokens_and_is_remembered) {
  fixture.ask();
  fixture.github.accounts.erase("octo-org");
  fixture.tell("installation", "deleted");
  assert_int_equal(fixture.broker().cache().size(), 0);
  assert_true(fixture.is_refused_at_once(TOKMAN_E_APP_NOT_INSTALLED));
}

TEST(EventFixture, the_id_of_a_new_installation_needs_no_look_up) {
  fixture.ask();
  fixture.reinstall(99);
  fixture.tell("installation", "deleted", 42);
  fixture.tell("installation", "created", 99);
  const int look_ups = fixture.look_ups();
  assert_true(fixture.ask().has_token());
  assert_int_equal(fixture.look_ups(), look_ups);
}

TEST(EventFixture, events_of_a_reinstallation_may_come_in_any_order) {
  fixture.ask();
  fixture.reinstall(99);
  fixture.tell("installation", "created", 99);
  fixture.tell("installation", "deleted", 42);
  assert_true(fixture.ask().has_token());
}

TEST(EventFixture, an_old_installation_told_again_does_not_replace_the_present_one) {
  fixture.reinstall(99);
  assert_true(fixture.ask().has_token());
  fixture.tell("installation", "created", 42);
  assert_true(fixture.is_cached(fixture.order()));
}

TEST(EventFixture, the_end_of_an_old_installation_told_again_does_not_touch_the_present_one) {
  fixture.reinstall(99);
  fixture.ask();
  fixture.tell("installation", "deleted", 42);
  assert_true(fixture.is_cached(fixture.order()));
}

TEST(EventFixture, a_new_installation_clears_the_refusal_of_its_owner) {
  const auto account = fixture.octo();
  fixture.github.accounts.erase("octo-org");
  fixture.ask();
  fixture.github.accounts["octo-org"] = account;
  fixture.tell("installation", "created");
  assert_true(fixture.ask().has_token());
}

TEST(EventFixture, without_an_event_a_reinstalled_app_is_found_when_minting_fails) {
  fixture.ask();
  fixture.loop.advance(2h);
  fixture.reinstall(99);
  assert_true(fixture.ask().has_token());
}

TEST(EventFixture, a_reinstallation_that_only_a_renewal_noticed_is_found_by_the_next_caller) {
  fixture.ask();
  fixture.reinstall(99);
  fixture.loop.advance(45min);
  assert_true(fixture.ask().has_token());
}

// ---- Permissions and repositories --------------------------------------------------------------

TEST(EventFixture, accepted_permissions_clear_the_refusal) {
  fixture.fail_mints(1, 422, kNotGranted);
  fixture.ask();
  fixture.tell("installation", "new_permissions_accepted");
  assert_true(fixture.ask().has_token());
}

TEST(EventFixture, without_an_event_accepted_permissions_are_noticed_after_five_minutes) {
  fixture.fail_mints(1, 422, kNotGranted);
  fixture.ask();
  fixture.loop.advance(5min);
  assert_true(fixture.ask().has_token());
}

TEST(EventFixture, after_accepted_permissions_a_token_serves_on_and_is_renewed) {
  fixture.ask();
  fixture.tell("installation", "new_permissions_accepted");
  const std::string before = fixture.start_asking().fingerprint;
  assert_string_not_equal(before.c_str(), "");
  fixture.loop.run();
  assert_string_not_equal(fixture.ask().fingerprint.c_str(), before.c_str());
}

TEST(EventFixture, a_repository_that_leaves_the_selection_ends_the_tokens_that_reach_it) {
  fixture.ask(fixture.order(""));
  fixture.ask(fixture.order("hello-world"));
  fixture.ask(fixture.order("spoon-knife"));
  WebhookEvent removed{.event = "installation_repositories",
                       .action = "removed",
                       .installation_id = 42,
                       .owner = "octo-org"};
  removed.repositories = {"hello-world"};
  fixture.tell(removed);
  assert_int_equal(fixture.broker().cache().size(), 1);
  assert_true(fixture.is_cached(fixture.order("spoon-knife")));
}

TEST(EventFixture, a_repository_that_joins_the_selection_clears_the_refusal) {
  fixture.fail_mints(2, 422,
                     "There is at least one repository that does not exist or is not "
                     "accessible to the parent installation.");
  fixture.start_asking();
  fixture.loop.advance(2s);
  fixture.tell("installation_repositories", "added");
  assert_true(fixture.ask().has_token());
}

// ---- Names -------------------------------------------------------------------------------------

TEST(EventFixture, a_renamed_repository_ends_the_tokens_of_its_old_name_only) {
  fixture.ask(fixture.order("hello-world"));
  fixture.ask(fixture.order("spoon-knife"));
  fixture.tell_repository("renamed", "hello-world");
  assert_int_equal(fixture.broker().cache().size(), 1);
  assert_true(fixture.is_cached(fixture.order("spoon-knife")));
}

TEST(EventFixture, a_deleted_repository_ends_its_tokens) {
  fixture.ask();
  fixture.tell_repository("deleted", "hello-world");
  assert_int_equal(fixture.broker().cache().size(), 0);
}

TEST(EventFixture, a_transferred_repository_ends_the_tokens_of_its_former_owner) {
  fixture.ask(fixture.order_of("mona", "notes"));
  fixture.ask();
  WebhookEvent moved{.event = "repository",
                     .action = "transferred",
                     .installation_id = 42,
                     .owner = "octo-org",
                     .former_owner = "mona"};
  moved.repositories = {"notes"};
  fixture.tell(moved);
  assert_int_equal(fixture.broker().cache().size(), 1);
  assert_true(fixture.is_cached(fixture.order()));
}

TEST(EventFixture, a_renamed_account_is_served_by_its_new_name_and_not_by_its_old) {
  fixture.ask();
  const auto account = fixture.octo();
  fixture.github.accounts.erase("octo-org");
  fixture.github.accounts["new-org"] = account;
  fixture.tell({.event = "installation_target",
                .action = "renamed",
                .installation_id = 42,
                .owner = "new-org",
                .former_owner = "octo-org"});
  assert_true(fixture.ask().was_refused_with(TOKMAN_E_APP_NOT_INSTALLED));
  assert_true(fixture.ask(fixture.order_of("new-org", "hello-world")).has_token());
}

// ---- All events --------------------------------------------------------------------------------

TEST(EventFixture, what_happens_to_one_owner_does_not_touch_another) {
  fixture.ask(fixture.order_of("mona", "notes"));
  for (const char* action : {"deleted", "suspend", "unsuspend", "new_permissions_accepted"}) {
    fixture.tell("installation", action);
  }
  assert_true(fixture.is_cached(fixture.order_of("mona", "notes")));
}

TEST(EventFixture, each_event_that_is_applied_is_logged) {
  fixture.tell("installation", "unsuspend");
  assert_int_equal(fixture.lines.count("event applied"), 1);
  assert_int_equal(fixture.lines.count("installation.unsuspend"), 1);
}

TEST(EventFixture, an_event_that_means_nothing_does_nothing) {
  fixture.ask();
  assert_false(fixture.actions.apply(fixture.app, {.event = "push", .action = ""}, "webhook"));
  assert_true(fixture.is_cached(fixture.order()));
}

TEST(EventFixture, one_look_at_an_installation_is_enough_for_many_events) {
  for (int i = 0; i < 10; ++i) {
    fixture.actions.apply(
        fixture.app,
        {.event = "installation", .action = "suspend", .installation_id = 42, .owner = "octo-org"},
        "webhook");
  }
  fixture.loop.run();
  assert_int_equal(fixture.loop.http.count("/app/installations/42"), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(EventFixture, a_suspension_ends_the_tokens_and_is_remembered_with_githubs_word),
      RUN(EventFixture, a_suspension_that_is_over_already_refuses_no_one),
      RUN(EventFixture, the_end_of_a_suspension_is_noticed_at_once),
      RUN(EventFixture, without_an_event_the_end_of_a_suspension_is_noticed_after_five_minutes),
      RUN(EventFixture, a_suspension_that_only_a_renewal_noticed_is_remembered),
      RUN(EventFixture, a_deleted_installation_ends_the_tokens_and_is_remembered),
      RUN(EventFixture, the_id_of_a_new_installation_needs_no_look_up),
      RUN(EventFixture, events_of_a_reinstallation_may_come_in_any_order),
      RUN(EventFixture, an_old_installation_told_again_does_not_replace_the_present_one),
      RUN(EventFixture, the_end_of_an_old_installation_told_again_does_not_touch_the_present_one),
      RUN(EventFixture, a_new_installation_clears_the_refusal_of_its_owner),
      RUN(EventFixture, without_an_event_a_reinstalled_app_is_found_when_minting_fails),
      RUN(EventFixture, a_reinstallation_that_only_a_renewal_noticed_is_found_by_the_next_caller),
      RUN(EventFixture, accepted_permissions_clear_the_refusal),
      RUN(EventFixture, without_an_event_accepted_permissions_are_noticed_after_five_minutes),
      RUN(EventFixture, after_accepted_permissions_a_token_serves_on_and_is_renewed),
      RUN(EventFixture, a_repository_that_leaves_the_selection_ends_the_tokens_that_reach_it),
      RUN(EventFixture, a_repository_that_joins_the_selection_clears_the_refusal),
      RUN(EventFixture, a_renamed_repository_ends_the_tokens_of_its_old_name_only),
      RUN(EventFixture, a_deleted_repository_ends_its_tokens),
      RUN(EventFixture, a_transferred_repository_ends_the_tokens_of_its_former_owner),
      RUN(EventFixture, a_renamed_account_is_served_by_its_new_name_and_not_by_its_old),
      RUN(EventFixture, what_happens_to_one_owner_does_not_touch_another),
      RUN(EventFixture, each_event_that_is_applied_is_logged),
      RUN(EventFixture, an_event_that_means_nothing_does_nothing),
      RUN(EventFixture, one_look_at_an_installation_is_enough_for_many_events),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
