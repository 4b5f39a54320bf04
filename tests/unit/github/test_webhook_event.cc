// Which event makes tokman forget what.
#include "daemon/domain/github/webhook_event.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct EventTable {
  // The names of the actions, in order.
  static std::string of(std::string_view event, std::string_view action) {
    std::string names;
    for (const CacheAction each : actions_for(event, action)) {
      if (!names.empty()) names += " ";
      names += cache_action_name(each);
    }
    return names;
  }
};

#define MEANS(event, action, names) assert_string_equal(fixture.of(event, action).c_str(), names)

TEST(EventTable, a_new_installation_is_learned_and_refusals_are_cleared) {
  MEANS("installation", "created", "learn_installation clear_refusals");
}

TEST(EventTable, a_deleted_installation_takes_its_tokens_along) {
  MEANS("installation", "deleted", "forget_installation drop_tokens look_again");
}

TEST(EventTable, a_suspended_installation_takes_its_tokens_along_but_stays_known) {
  MEANS("installation", "suspend", "drop_tokens look_again");
}

TEST(EventTable, an_unsuspended_installation_is_asked_again) {
  MEANS("installation", "unsuspend", "clear_refusals");
}

TEST(EventTable, accepted_permissions_renew_tokens_and_clear_refusals) {
  MEANS("installation", "new_permissions_accepted", "renew_tokens clear_refusals");
}

TEST(EventTable, repositories_that_leave_the_selection_take_their_tokens_along) {
  MEANS("installation_repositories", "removed", "drop_tokens_of_repositories");
}

TEST(EventTable, repositories_that_join_the_selection_clear_refusals) {
  MEANS("installation_repositories", "added", "clear_refusals");
}

TEST(EventTable, an_account_that_is_renamed_is_known_by_its_new_name_only) {
  const char* const kRename = "forget_former_owner drop_tokens learn_installation clear_refusals";
  MEANS("installation_target", "renamed", kRename);
  MEANS("organization", "renamed", kRename);
}

TEST(EventTable, a_repository_that_is_renamed_takes_the_tokens_of_its_old_name_along) {
  MEANS("repository", "renamed", "drop_tokens_of_repositories clear_refusals");
}

TEST(EventTable, a_repository_that_is_transferred_takes_its_former_owners_tokens_along) {
  MEANS("repository", "transferred", "drop_tokens_of_former_owner clear_refusals");
}

TEST(EventTable, a_repository_that_is_deleted_takes_its_tokens_along) {
  MEANS("repository", "deleted", "drop_tokens_of_repositories");
}

TEST(EventTable, an_organization_that_is_deleted_takes_its_tokens_along) {
  MEANS("organization", "deleted", "forget_installation drop_tokens look_again");
}

TEST(EventTable, other_events_mean_nothing) {
  MEANS("push", "", "");
  MEANS("repository", "created", "");
  MEANS("github_app_authorization", "revoked", "");
  MEANS("Installation", "deleted", "");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(EventTable, a_new_installation_is_learned_and_refusals_are_cleared),
      RUN(EventTable, a_deleted_installation_takes_its_tokens_along),
      RUN(EventTable, a_suspended_installation_takes_its_tokens_along_but_stays_known),
      RUN(EventTable, an_unsuspended_installation_is_asked_again),
      RUN(EventTable, accepted_permissions_renew_tokens_and_clear_refusals),
      RUN(EventTable, repositories_that_leave_the_selection_take_their_tokens_along),
      RUN(EventTable, repositories_that_join_the_selection_clear_refusals),
      RUN(EventTable, an_account_that_is_renamed_is_known_by_its_new_name_only),
      RUN(EventTable, a_repository_that_is_renamed_takes_the_tokens_of_its_old_name_along),
      RUN(EventTable, a_repository_that_is_transferred_takes_its_former_owners_tokens_along),
      RUN(EventTable, a_repository_that_is_deleted_takes_its_tokens_along),
      RUN(EventTable, an_organization_that_is_deleted_takes_its_tokens_along),
      RUN(EventTable, other_events_mean_nothing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
