#include "daemon/platform/linux/hardening.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

struct IdMap {};

TEST(IdMap, every_id_to_itself_is_the_identity) {
  assert_true(is_identity_map("         0          0 4294967295\n"));
}

TEST(IdMap, a_shifted_range_is_not_the_identity) {
  assert_false(is_identity_map("         0     100000      65536\n"));
}

TEST(IdMap, a_single_mapped_user_is_not_the_identity) {
  assert_false(is_identity_map("         0       1000          1\n"));
}

TEST(IdMap, a_second_range_is_not_the_identity) {
  assert_false(is_identity_map("0 0 4294967295\n1 1 1\n"));
}

TEST(IdMap, no_map_at_all_is_not_the_identity) { assert_false(is_identity_map("")); }

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(IdMap, every_id_to_itself_is_the_identity),
      RUN(IdMap, a_shifted_range_is_not_the_identity),
      RUN(IdMap, a_single_mapped_user_is_not_the_identity),
      RUN(IdMap, a_second_range_is_not_the_identity),
      RUN(IdMap, no_map_at_all_is_not_the_identity),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
