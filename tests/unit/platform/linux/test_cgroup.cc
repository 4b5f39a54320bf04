#include "daemon/platform/linux/cgroup.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

struct Cgroup {
  // "-" for none, so that a failure prints both.
  std::string unit(std::string_view text) { return unit_of_cgroup(text).value_or("-"); }
};

TEST(Cgroup, a_service_is_the_unit) {
  assert_string_equal(fixture.unit("0::/system.slice/packit.service\n").c_str(), "packit.service");
}

TEST(Cgroup, a_service_within_nested_slices_is_the_unit) {
  assert_string_equal(
      fixture.unit("0::/system.slice/system-packit.slice/packit@1.service\n").c_str(),
      "packit@1.service");
}

TEST(Cgroup, a_service_that_is_in_no_slice_is_the_unit) {
  assert_string_equal(fixture.unit("0::/packit.service\n").c_str(), "packit.service");
}

TEST(Cgroup, an_escaped_name_is_kept_as_systemd_writes_it) {
  assert_string_equal(fixture.unit("0::/system.slice/dev\\x2dtools.service\n").c_str(),
                      "dev\\x2dtools.service");
}

TEST(Cgroup, the_underscore_that_protects_a_kernel_name_is_taken_away) {
  assert_string_equal(fixture.unit("0::/system.slice/_cpu.service\n").c_str(), "cpu.service");
}

TEST(Cgroup, what_a_user_names_below_the_user_service_is_not_believed) {
  assert_string_equal(fixture
                          .unit("0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
                                "packit.service\n")
                          .c_str(),
                      "user@1000.service");
}

TEST(Cgroup, what_a_delegated_service_makes_below_itself_is_not_believed) {
  assert_string_equal(
      fixture.unit("0::/system.slice/ci.service/system.slice/packit.service\n").c_str(),
      "ci.service");
}

TEST(Cgroup, a_login_session_is_its_scope) {
  assert_string_equal(fixture.unit("0::/user.slice/user-1000.slice/session-3.scope\n").c_str(),
                      "session-3.scope");
}

TEST(Cgroup, a_container_under_systemd_is_its_scope) {
  assert_string_equal(fixture.unit("0::/system.slice/docker-4f2a.scope\n").c_str(),
                      "docker-4f2a.scope");
}

TEST(Cgroup, a_container_outside_systemd_has_no_unit) {
  assert_string_equal(fixture.unit("0::/docker/4f2a/packit.service\n").c_str(), "-");
}

TEST(Cgroup, the_root_group_has_no_unit) {
  assert_string_equal(fixture.unit("0::/\n").c_str(), "-");
}

TEST(Cgroup, a_bare_slice_is_no_unit) {
  assert_string_equal(fixture.unit("0::/system.slice\n").c_str(), "-");
}

TEST(Cgroup, a_group_outside_our_namespace_has_no_unit) {
  assert_string_equal(fixture.unit("0::/../packit.service\n").c_str(), "-");
}

TEST(Cgroup, a_group_that_was_removed_has_no_unit) {
  assert_string_equal(fixture.unit("0::/system.slice/packit.service (deleted)\n").c_str(), "-");
}

TEST(Cgroup, version_1_hierarchies_are_not_looked_at) {
  assert_string_equal(fixture.unit("1:name=systemd:/system.slice/packit.service\n0::/\n").c_str(),
                      "-");
}

TEST(Cgroup, the_version_2_line_is_found_among_others) {
  assert_string_equal(fixture.unit("4:memory:/other\n0::/system.slice/packit.service\n").c_str(),
                      "packit.service");
}

TEST(Cgroup, an_empty_text_has_no_unit) { assert_string_equal(fixture.unit("").c_str(), "-"); }

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Cgroup, a_service_is_the_unit),
      RUN(Cgroup, a_service_within_nested_slices_is_the_unit),
      RUN(Cgroup, a_service_that_is_in_no_slice_is_the_unit),
      RUN(Cgroup, an_escaped_name_is_kept_as_systemd_writes_it),
      RUN(Cgroup, the_underscore_that_protects_a_kernel_name_is_taken_away),
      RUN(Cgroup, what_a_user_names_below_the_user_service_is_not_believed),
      RUN(Cgroup, what_a_delegated_service_makes_below_itself_is_not_believed),
      RUN(Cgroup, a_login_session_is_its_scope),
      RUN(Cgroup, a_container_under_systemd_is_its_scope),
      RUN(Cgroup, a_container_outside_systemd_has_no_unit),
      RUN(Cgroup, the_root_group_has_no_unit),
      RUN(Cgroup, a_bare_slice_is_no_unit),
      RUN(Cgroup, a_group_outside_our_namespace_has_no_unit),
      RUN(Cgroup, a_group_that_was_removed_has_no_unit),
      RUN(Cgroup, version_1_hierarchies_are_not_looked_at),
      RUN(Cgroup, the_version_2_line_is_found_among_others),
      RUN(Cgroup, an_empty_text_has_no_unit),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
