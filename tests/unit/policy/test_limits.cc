// How urgent a caller's requests may be, and how many it may make.
#include <cstring>

#include "tests/support/cmocka_cpp.h"
#include "tests/unit/policy/policy_fixture.h"

namespace tokman {
namespace {

using Levels = std::map<std::string, std::string>;

struct LimitsFixture : PolicyFixture {
  Result<Permit> judge_urgent(int priority, const std::string& target = "octo-org/hello",
                              std::optional<Levels> levels = {}) const {
    TokenRequest asked = request(target, std::move(levels));
    asked.priority = priority;
    return judge(asked);
  }
  CallerLimits limits() const {
    return policy().limits_of(subject(), Scope::github_token).value_or(CallerLimits{0, 0});
  }
};

TEST(LimitsFixture, a_grant_allows_no_priority_unless_it_says_so) {
  fixture.add_grant("a");
  assert_true(fixture.judge_urgent(0).ok());
  assert_false(fixture.judge_urgent(1).ok());
}

TEST(LimitsFixture, a_priority_up_to_the_grants_is_allowed) {
  fixture.add_grant("a").max_priority = 100;
  assert_true(fixture.judge_urgent(100).ok());
}

TEST(LimitsFixture, a_priority_above_it_is_denied_with_the_field_and_the_ceiling) {
  fixture.add_grant("a").max_priority = 100;
  const Result<Permit> permit = fixture.judge_urgent(101);
  assert_int_equal(permit.error().code, TOKMAN_E_DENIED);
  assert_string_equal(permit.error().field.c_str(), "priority");
  assert_non_null(std::strstr(permit.error().message.c_str(), "100"));
}

TEST(LimitsFixture, of_several_grants_that_cover_a_request_the_greatest_priority_counts) {
  fixture.add_grant("a").max_priority = 10;
  fixture.add_grant("b").max_priority = 100;
  const Result<Permit> permit = fixture.judge_urgent(100);
  assert_true(permit.ok());
  assert_string_equal(permit.value().grant.c_str(), "a");
}

TEST(LimitsFixture, a_grant_that_does_not_cover_the_request_lends_no_priority) {
  fixture.add_grant("a").max_priority = 10;
  fixture.add_grant("b", {"octo-org/other"}).max_priority = 100;
  assert_false(fixture.judge_urgent(11).ok());
}

TEST(LimitsFixture, of_grants_that_cover_it_together_the_greatest_priority_counts) {
  fixture.add_grant("a", {"octo-org/hello"}, {{"contents", "read"}}).max_priority = 10;
  fixture.add_grant("b", {"octo-org/hello"}, {{"issues", "read"}}).max_priority = 20;
  const Levels both = {{"contents", "read"}, {"issues", "read"}};
  assert_true(fixture.judge_urgent(20, "octo-org/hello", both).ok());
  assert_false(fixture.judge_urgent(21, "octo-org/hello", both).ok());
}

TEST(LimitsFixture, of_several_apps_only_those_that_may_be_so_urgent_are_left) {
  fixture.add_grant("a").apps = {"slow"};
  Grant& urgent = fixture.add_grant("b");
  urgent.apps = {"fast"};
  urgent.max_priority = 5;
  const Result<Permit> permit = fixture.judge_urgent(5);
  assert_true(permit.ok());
  assert_string_equal(permit.value().app.c_str(), "fast");
}

TEST(LimitsFixture, the_verdict_on_a_grant_names_its_priority) {
  fixture.add_grant("a").max_priority = 10;
  TokenRequest asked = fixture.request("octo-org/hello");
  asked.priority = 11;
  const auto verdicts = fixture.policy().verdicts(fixture.subject(), asked);
  assert_string_equal(verdicts.front().failed.c_str(), "it allows a priority of 10 at most");
}

TEST(LimitsFixture, a_grant_without_limits_has_none) {
  fixture.add_grant("a");
  const CallerLimits limits = fixture.limits();
  assert_int_equal(limits.requests_per_minute, kNoBound);
  assert_int_equal(limits.mints_per_minute, kNoBound);
}

TEST(LimitsFixture, of_several_grants_the_most_generous_limit_counts) {
  Grant& first = fixture.add_grant("a");
  first.requests_per_minute = 10;
  first.mints_per_minute = 7;
  Grant& second = fixture.add_grant("b");
  second.requests_per_minute = 20;
  second.mints_per_minute = 5;
  const CallerLimits limits = fixture.limits();
  assert_int_equal(limits.requests_per_minute, 20);
  assert_int_equal(limits.mints_per_minute, 7);
}

TEST(LimitsFixture, a_grant_without_a_limit_is_the_most_generous) {
  fixture.add_grant("a").requests_per_minute = 10;
  fixture.add_grant("b");
  const CallerLimits limits = fixture.limits();
  assert_int_equal(limits.requests_per_minute, kNoBound);
}

TEST(LimitsFixture, a_grant_of_another_scope_lifts_no_limit) {
  fixture.add_grant("a").requests_per_minute = 10;
  fixture.add_grant("b").scopes = {"admin:daemon"};
  const CallerLimits limits = fixture.limits();
  assert_int_equal(limits.requests_per_minute, 10);
}

TEST(LimitsFixture, without_a_grant_there_are_no_limits_to_tell) {
  assert_false(fixture.policy().limits_of(fixture.subject(), Scope::none).has_value());
}

TEST(LimitsFixture, without_a_scope_all_grants_count) {
  fixture.add_grant("a").requests_per_minute = 10;
  Grant& other = fixture.add_grant("b");
  other.scopes = {"admin:daemon"};
  other.requests_per_minute = 30;
  const auto limits = fixture.policy().limits_of(fixture.subject(), Scope::none);
  assert_int_equal(limits->requests_per_minute, 30);
}

TEST(LimitsFixture, zero_requests_block_whatever_other_grants_give) {
  fixture.add_grant("a").requests_per_minute = 0;
  fixture.add_grant("b");
  assert_true(fixture.policy().is_blocked(fixture.subject()));
}

TEST(LimitsFixture, a_grant_with_zero_requests_blocks_nobody_else) {
  Grant& grant = fixture.add_grant("a");
  grant.requests_per_minute = 0;
  grant.match = {.users = {"other"}};
  assert_false(fixture.policy().is_blocked(fixture.subject()));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(LimitsFixture, a_grant_allows_no_priority_unless_it_says_so),
      RUN(LimitsFixture, a_priority_up_to_the_grants_is_allowed),
      RUN(LimitsFixture, a_priority_above_it_is_denied_with_the_field_and_the_ceiling),
      RUN(LimitsFixture, of_several_grants_that_cover_a_request_the_greatest_priority_counts),
      RUN(LimitsFixture, a_grant_that_does_not_cover_the_request_lends_no_priority),
      RUN(LimitsFixture, of_grants_that_cover_it_together_the_greatest_priority_counts),
      RUN(LimitsFixture, of_several_apps_only_those_that_may_be_so_urgent_are_left),
      RUN(LimitsFixture, the_verdict_on_a_grant_names_its_priority),
      RUN(LimitsFixture, a_grant_without_limits_has_none),
      RUN(LimitsFixture, of_several_grants_the_most_generous_limit_counts),
      RUN(LimitsFixture, a_grant_without_a_limit_is_the_most_generous),
      RUN(LimitsFixture, a_grant_of_another_scope_lifts_no_limit),
      RUN(LimitsFixture, without_a_grant_there_are_no_limits_to_tell),
      RUN(LimitsFixture, without_a_scope_all_grants_count),
      RUN(LimitsFixture, zero_requests_block_whatever_other_grants_give),
      RUN(LimitsFixture, a_grant_with_zero_requests_blocks_nobody_else),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
