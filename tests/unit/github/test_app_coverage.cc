// What is remembered of which app covers what, and which of several it is then.
#include "daemon/domain/github/app_coverage.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using Standing = AppCoverage::Standing;

const Error kNotInstalled{TOKMAN_E_APP_NOT_INSTALLED, "not installed there"};
const Error kDown{TOKMAN_E_UPSTREAM_DOWN, "no answer"};

struct CoverageFixture {
  AppCoverage coverage;
  AppCoverage::Target target{"octo-org", "hello"};
  Instant now{std::chrono::hours(5)};

  Standing learn(const Standing& answer) { return coverage.learn("ci", target, answer, now); }
  bool is_known(std::chrono::milliseconds later) const {
    return coverage.find("ci", target, now + later).has_value();
  }

  static Result<std::string> choose(const Standing& ci, const Standing& ghes) {
    return choose_app({{"ci", ci}, {"ghes", ghes}}, "octo-org/hello");
  }
};

TEST(CoverageFixture, that_an_app_covers_a_target_is_believed_for_an_hour) {
  (void)fixture.learn(Done{});
  assert_true(fixture.is_known(std::chrono::minutes(60) - std::chrono::milliseconds(1)));
  assert_false(fixture.is_known(std::chrono::minutes(60)));
}

TEST(CoverageFixture, that_it_does_not_is_believed_for_a_minute) {
  (void)fixture.learn(kNotInstalled);
  assert_true(fixture.is_known(std::chrono::seconds(60) - std::chrono::milliseconds(1)));
  assert_false(fixture.is_known(std::chrono::seconds(60)));
}

TEST(CoverageFixture, a_failure_in_passing_is_not_remembered) {
  assert_int_equal(fixture.learn(kDown).error().code, TOKMAN_E_UPSTREAM_DOWN);
  assert_false(fixture.is_known(std::chrono::seconds(0)));
}

TEST(CoverageFixture, what_was_known_counts_on_while_github_is_down) {
  (void)fixture.learn(kNotInstalled);
  fixture.now += std::chrono::hours(1);
  assert_int_equal(fixture.learn(kDown).error().code, TOKMAN_E_APP_NOT_INSTALLED);
}

TEST(CoverageFixture, one_repository_says_nothing_of_another) {
  (void)fixture.learn(Done{});
  assert_false(fixture.coverage.find("ci", {"octo-org", "other"}, fixture.now).has_value());
}

TEST(CoverageFixture, one_app_says_nothing_of_another) {
  (void)fixture.learn(Done{});
  assert_false(fixture.coverage.find("ghes", fixture.target, fixture.now).has_value());
}

TEST(CoverageFixture, an_owner_is_forgotten_with_all_its_repositories) {
  (void)fixture.learn(Done{});
  fixture.coverage.forget_owner("octo");
  assert_true(fixture.is_known(std::chrono::seconds(0)));
  fixture.coverage.forget_owner("octo-org");
  assert_false(fixture.is_known(std::chrono::seconds(0)));
}

TEST(CoverageFixture, the_only_app_that_covers_is_chosen) {
  assert_string_equal(fixture.choose(kNotInstalled, Done{}).value().c_str(), "ghes");
  assert_string_equal(fixture.choose(Done{}, kNotInstalled).value().c_str(), "ci");
}

TEST(CoverageFixture, several_that_cover_are_named) {
  const Error error = fixture.choose(Done{}, Done{}).error();
  assert_int_equal(error.code, TOKMAN_E_INVALID_ARGUMENT);
  assert_string_equal(error.field.c_str(), "app");
  assert_string_equal(error.message.c_str(),
                      "'app' is needed, because several cover octo-org/hello: ci, ghes");
}

TEST(CoverageFixture, where_none_covers_each_says_why) {
  const Error error = fixture.choose(kNotInstalled, kNotInstalled).error();
  assert_int_equal(error.code, TOKMAN_E_APP_NOT_INSTALLED);
  assert_string_equal(error.message.c_str(),
                      "none of the apps that are granted covers octo-org/hello: "
                      "ci: not installed there; ghes: not installed there");
}

TEST(CoverageFixture, the_choice_does_not_depend_on_who_could_be_asked) {
  const Error error = fixture.choose(Done{}, kDown).error();
  assert_int_equal(error.code, TOKMAN_E_UPSTREAM_DOWN);
  assert_string_equal(error.message.c_str(),
                      "no 'app' is named, and whether 'ghes' covers octo-org/hello is not known: "
                      "no answer");
}

TEST(CoverageFixture, an_app_with_a_key_that_github_refuses_covers_nothing) {
  const Error refused{TOKMAN_E_UPSTREAM_AUTH, "bad credentials"};
  assert_string_equal(fixture.choose(Done{}, refused).value().c_str(), "ci");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(CoverageFixture, that_an_app_covers_a_target_is_believed_for_an_hour),
      RUN(CoverageFixture, that_it_does_not_is_believed_for_a_minute),
      RUN(CoverageFixture, a_failure_in_passing_is_not_remembered),
      RUN(CoverageFixture, what_was_known_counts_on_while_github_is_down),
      RUN(CoverageFixture, one_repository_says_nothing_of_another),
      RUN(CoverageFixture, one_app_says_nothing_of_another),
      RUN(CoverageFixture, an_owner_is_forgotten_with_all_its_repositories),
      RUN(CoverageFixture, the_only_app_that_covers_is_chosen),
      RUN(CoverageFixture, several_that_cover_are_named),
      RUN(CoverageFixture, where_none_covers_each_says_why),
      RUN(CoverageFixture, the_choice_does_not_depend_on_who_could_be_asked),
      RUN(CoverageFixture, an_app_with_a_key_that_github_refuses_covers_nothing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
