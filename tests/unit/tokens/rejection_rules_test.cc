// What becomes of a token that a caller says GitHub refused.
#include "daemon/domain/tokens/rejection_rules.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kAlice = 1000;
constexpr std::uint32_t kBob = 1001;

struct RejectionFixture {
  RejectionRules rules;
  Instant now{1h};

  RejectionVerdict reject(std::uint32_t caller, const std::string& key,
                          std::chrono::seconds age = 1min,
                          const std::string& rejected = "present") {
    return rules.judge({key, "present", age}, rejected, caller, now);
  }
  RejectionOutcome outcome(std::uint32_t caller, const std::string& key = "key") {
    return reject(caller, key).outcome;
  }
  // As many as one caller may have dropped.
  void use_up(std::uint32_t caller) {
    for (std::size_t i = 0; i < RejectionRules::kDropsPerCaller; ++i) {
      assert_true(outcome(caller, std::to_string(caller) + "/" + std::to_string(i)) ==
                  RejectionOutcome::dropped);
    }
  }
};

TEST(RejectionFixture, the_present_token_is_dropped) {
  assert_true(fixture.outcome(kAlice) == RejectionOutcome::dropped);
}

TEST(RejectionFixture, another_token_than_the_present_one_changes_nothing) {
  const auto verdict = fixture.reject(kAlice, "key", 1min, "an older one");
  assert_true(verdict.outcome == RejectionOutcome::superseded);
  assert_true(fixture.outcome(kAlice) == RejectionOutcome::dropped);
}

TEST(RejectionFixture, a_token_of_nine_seconds_may_not_have_arrived_everywhere) {
  const auto verdict = fixture.reject(kAlice, "key", 9s);
  assert_true(verdict.outcome == RejectionOutcome::replication_lag);
  assert_true(verdict.retry_after == 1s);
}

TEST(RejectionFixture, a_token_of_ten_seconds_is_dropped) {
  assert_true(fixture.reject(kAlice, "key", 10s).outcome == RejectionOutcome::dropped);
}

TEST(RejectionFixture, a_key_is_dropped_once_a_minute_whoever_asks) {
  assert_true(fixture.outcome(kAlice) == RejectionOutcome::dropped);
  fixture.now += 59s;
  const auto verdict = fixture.reject(kBob, "key");
  assert_true(verdict.outcome == RejectionOutcome::rate_limited);
  assert_true(verdict.retry_after == 1s);
}

TEST(RejectionFixture, after_a_minute_a_key_may_be_dropped_again) {
  assert_true(fixture.outcome(kAlice) == RejectionOutcome::dropped);
  fixture.now += 1min;
  assert_true(fixture.outcome(kAlice) == RejectionOutcome::dropped);
}

TEST(RejectionFixture, a_caller_that_rejects_too_much_has_to_wait) {
  fixture.use_up(kAlice);
  fixture.now += 10s;
  const auto verdict = fixture.reject(kAlice, "another key");
  assert_true(verdict.outcome == RejectionOutcome::rate_limited);
  assert_true(verdict.retry_after == 50s);
}

TEST(RejectionFixture, a_caller_that_rejects_too_much_does_not_hinder_another) {
  fixture.use_up(kAlice);
  assert_true(fixture.outcome(kBob, "another key") == RejectionOutcome::dropped);
}

TEST(RejectionFixture, being_told_to_wait_does_not_lengthen_the_wait) {
  fixture.use_up(kAlice);
  for (int i = 0; i < 100; ++i) (void)fixture.reject(kAlice, "another key");
  fixture.now += 1min;
  assert_true(fixture.outcome(kAlice, "another key") == RejectionOutcome::dropped);
}

TEST(RejectionFixture, what_is_remembered_is_bounded) {
  for (std::uint32_t caller = 0; caller < RejectionRules::kCallersMax; ++caller) {
    assert_true(fixture.outcome(caller, std::to_string(caller)) == RejectionOutcome::dropped);
  }
  assert_true(fixture.outcome(RejectionRules::kCallersMax, "one more") ==
              RejectionOutcome::rate_limited);
  fixture.now += 1min;
  assert_true(fixture.outcome(RejectionRules::kCallersMax, "one more") ==
              RejectionOutcome::dropped);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RejectionFixture, the_present_token_is_dropped),
      RUN(RejectionFixture, another_token_than_the_present_one_changes_nothing),
      RUN(RejectionFixture, a_token_of_nine_seconds_may_not_have_arrived_everywhere),
      RUN(RejectionFixture, a_token_of_ten_seconds_is_dropped),
      RUN(RejectionFixture, a_key_is_dropped_once_a_minute_whoever_asks),
      RUN(RejectionFixture, after_a_minute_a_key_may_be_dropped_again),
      RUN(RejectionFixture, a_caller_that_rejects_too_much_has_to_wait),
      RUN(RejectionFixture, a_caller_that_rejects_too_much_does_not_hinder_another),
      RUN(RejectionFixture, being_told_to_wait_does_not_lengthen_the_wait),
      RUN(RejectionFixture, what_is_remembered_is_bounded),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
