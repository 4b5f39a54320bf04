// What two lists of installations tell, one after the other.
#include "daemon/domain/github/installation_changes.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct Lists {
  InstallationChanges changes;
  ListedInstallation octo{.id = 42, .owner = "octo-org", .updated_at = UnixTime(1000s)};
  ListedInstallation mona{.id = 43, .owner = "mona", .updated_at = UnixTime(900s)};

  Lists() {
    changes.see(octo);
    changes.see(mona);
    changes.end_whole_list();
  }
  // "installation.suspend", or "" if nothing has happened.
  std::string see(const ListedInstallation& listed) {
    event = changes.see(listed).value_or(WebhookEvent{});
    return event.event.empty() ? "" : event.event + "." + event.action;
  }
  WebhookEvent event;
};

#define SEES(listed, what) assert_string_equal(fixture.see(listed).c_str(), what)

TEST(Lists, what_is_as_before_tells_nothing) { SEES(fixture.octo, ""); }

TEST(Lists, a_new_installation_is_told_with_its_owner) {
  SEES((ListedInstallation{.id = 99, .owner = "octo-org"}), "installation.created");
  assert_int_equal(fixture.event.installation_id, 99);
  assert_string_equal(fixture.event.owner.c_str(), "octo-org");
}

TEST(Lists, a_suspension_and_its_end_are_told) {
  fixture.octo.is_suspended = true;
  SEES(fixture.octo, "installation.suspend");
  SEES(fixture.octo, "");
  fixture.octo.is_suspended = false;
  SEES(fixture.octo, "installation.unsuspend");
}

TEST(Lists, a_new_installation_that_is_suspended_is_told_as_that) {
  SEES((ListedInstallation{.id = 99, .owner = "x", .is_suspended = true}), "installation.suspend");
}

TEST(Lists, a_renamed_account_is_told_by_both_names) {
  fixture.octo.owner = "new-org";
  SEES(fixture.octo, "installation_target.renamed");
  assert_string_equal(fixture.event.owner.c_str(), "new-org");
  assert_string_equal(fixture.event.former_owner.c_str(), "octo-org");
}

TEST(Lists, any_other_change_may_be_of_permissions) {
  fixture.octo.updated_at += 1s;
  SEES(fixture.octo, "installation.new_permissions_accepted");
}

TEST(Lists, what_is_not_in_a_whole_list_is_gone) {
  fixture.changes.see(fixture.octo);
  const auto gone = fixture.changes.end_whole_list();
  assert_int_equal(gone.size(), 1);
  assert_string_equal(gone.front().action.c_str(), "deleted");
  assert_int_equal(gone.front().installation_id, 43);
  assert_int_equal(fixture.changes.size(), 1);
}

TEST(Lists, what_is_gone_is_told_once) {
  fixture.changes.see(fixture.octo);
  fixture.changes.end_whole_list();
  fixture.changes.see(fixture.octo);
  assert_true(fixture.changes.end_whole_list().empty());
}

TEST(Lists, a_part_of_the_list_between_does_not_make_the_rest_gone) {
  fixture.changes.see(fixture.octo);
  fixture.changes.see(fixture.octo);
  fixture.changes.see(fixture.mona);
  assert_true(fixture.changes.end_whole_list().empty());
}

TEST(Lists, the_newest_change_is_known) {
  assert_true(fixture.changes.newest() == UnixTime(1000s));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Lists, what_is_as_before_tells_nothing),
      RUN(Lists, a_new_installation_is_told_with_its_owner),
      RUN(Lists, a_suspension_and_its_end_are_told),
      RUN(Lists, a_new_installation_that_is_suspended_is_told_as_that),
      RUN(Lists, a_renamed_account_is_told_by_both_names),
      RUN(Lists, any_other_change_may_be_of_permissions),
      RUN(Lists, what_is_not_in_a_whole_list_is_gone),
      RUN(Lists, what_is_gone_is_told_once),
      RUN(Lists, a_part_of_the_list_between_does_not_make_the_rest_gone),
      RUN(Lists, the_newest_change_is_known),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
