#include "daemon/platform/linux/user_names.h"

#include <algorithm>

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

constexpr uid_t kUnnamedUid = 3'999'999'999;

struct Names {};

TEST(Names, uid_0_is_root) { assert_true(find_user_name(0) == "root"); }
TEST(Names, gid_0_is_root) { assert_true(find_group_name(0) == "root"); }
TEST(Names, root_is_uid_0) { assert_true(find_uid("root") == uid_t{0}); }
TEST(Names, a_uid_without_a_user_has_no_name) {
  assert_false(find_user_name(kUnnamedUid).has_value());
}
TEST(Names, a_gid_without_a_group_has_no_name) {
  assert_false(find_group_name(kUnnamedUid).has_value());
}
TEST(Names, a_user_who_does_not_exist_has_no_uid) {
  assert_false(find_uid("no such user").has_value());
}

TEST(Names, the_account_of_root_has_its_ids_and_groups) {
  const auto root = find_user_account("root");
  assert_true(root && root->uid == 0 && root->gid == 0);
  assert_true(std::find(root->groups.begin(), root->groups.end(), gid_t{0}) != root->groups.end());
}
TEST(Names, a_user_who_does_not_exist_has_no_account) {
  assert_false(find_user_account("no such user").has_value());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Names, uid_0_is_root),
      RUN(Names, gid_0_is_root),
      RUN(Names, root_is_uid_0),
      RUN(Names, a_uid_without_a_user_has_no_name),
      RUN(Names, a_gid_without_a_group_has_no_name),
      RUN(Names, a_user_who_does_not_exist_has_no_uid),
      RUN(Names, the_account_of_root_has_its_ids_and_groups),
      RUN(Names, a_user_who_does_not_exist_has_no_account),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
