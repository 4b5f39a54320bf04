// How long GitHub's refusals are remembered, by cause.
#include "daemon/domain/tokens/refusal_memory.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct MemoryFixture {
  RefusalMemory memory{3};
  Instant now{1h};

  void refuse(tokman_error code, const std::string& key = "k") {
    memory.remember(key, Refusal{"ci", "octo-org", Error{code, "no"}}, now);
  }
  void refuse_target(const std::string& target) {
    memory.remember(target, Refusal{"ci", target, Error{TOKMAN_E_APP_NOT_INSTALLED, "no"}}, now);
  }
  Instant since() const {
    Instant told{};
    memory.for_each(now, [&](const Refusal& refusal) { told = refusal.since; });
    return told;
  }
  bool remembers(const std::string& key = "k") const { return memory.find(key, now).has_value(); }

  // How long the refusal of `code` that comes now is remembered.
  std::chrono::milliseconds lasts(tokman_error code) {
    refuse(code);
    const auto error = memory.find("k", now);
    return error ? *error->retry_after : 0ms;
  }
  // As when it is refused again as soon as GitHub may be asked again.
  std::chrono::milliseconds lasts_again(tokman_error code) {
    now += lasts(code);
    return lasts(code);
  }
};

TEST(MemoryFixture, not_installed_is_remembered_for_thirty_seconds) {
  assert_true(fixture.lasts(TOKMAN_E_APP_NOT_INSTALLED) == 30s);
}

TEST(MemoryFixture, credentials_not_accepted_are_remembered_for_thirty_seconds) {
  assert_true(fixture.lasts(TOKMAN_E_UPSTREAM_AUTH) == 30s);
}

TEST(MemoryFixture, suspended_is_remembered_for_five_minutes) {
  assert_true(fixture.lasts(TOKMAN_E_INSTALLATION_SUSPENDED) == 5min);
}

TEST(MemoryFixture, a_permission_not_granted_is_remembered_for_five_minutes) {
  assert_true(fixture.lasts(TOKMAN_E_PERMISSION_NOT_GRANTED) == 5min);
}

TEST(MemoryFixture, a_repository_out_of_reach_is_remembered_for_five_minutes) {
  assert_true(fixture.lasts(TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE) == 5min);
}

TEST(MemoryFixture, too_many_repositories_are_remembered_for_five_minutes) {
  assert_true(fixture.lasts(TOKMAN_E_TOO_MANY_REPOSITORIES) == 5min);
}

TEST(MemoryFixture, a_failure_in_passing_is_not_remembered) {
  fixture.refuse(TOKMAN_E_UPSTREAM_DOWN);
  assert_false(fixture.remembers());
}

TEST(MemoryFixture, a_refusal_that_nobody_knows_is_not_remembered) {
  fixture.refuse(TOKMAN_E_UPSTREAM_REFUSED);
  assert_false(fixture.remembers());
}

TEST(MemoryFixture, it_is_remembered_to_the_last_millisecond) {
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED);
  fixture.now += 30s - 1ms;
  assert_true(fixture.remembers());
}

TEST(MemoryFixture, it_is_over_when_its_time_is_over) {
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED);
  fixture.now += 30s;
  assert_false(fixture.remembers());
}

TEST(MemoryFixture, the_caller_is_told_how_long_it_still_lasts) {
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED);
  fixture.now += 20s;
  assert_true(fixture.memory.find("k", fixture.now)->retry_after == 10s);
}

TEST(MemoryFixture, the_caller_is_told_what_github_said) {
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED);
  assert_string_equal(fixture.memory.find("k", fixture.now)->message.c_str(), "no");
}

TEST(MemoryFixture, not_installed_again_lasts_twice_as_long) {
  assert_true(fixture.lasts_again(TOKMAN_E_APP_NOT_INSTALLED) == 60s);
}

TEST(MemoryFixture, doubling_ends_at_five_minutes) {
  for (int i = 0; i < 10; ++i) fixture.lasts_again(TOKMAN_E_APP_NOT_INSTALLED);
  assert_true(fixture.lasts_again(TOKMAN_E_APP_NOT_INSTALLED) == 5min);
}

TEST(MemoryFixture, five_minutes_do_not_double) {
  assert_true(fixture.lasts_again(TOKMAN_E_INSTALLATION_SUSPENDED) == 5min);
}

TEST(MemoryFixture, many_who_were_refused_at_once_do_not_double_it) {
  for (int i = 0; i < 1000; ++i) fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED);
  assert_true(fixture.lasts(TOKMAN_E_APP_NOT_INSTALLED) == 30s);
}

TEST(MemoryFixture, a_forgotten_refusal_starts_again_at_thirty_seconds) {
  fixture.lasts_again(TOKMAN_E_APP_NOT_INSTALLED);
  fixture.memory.forget("k");
  assert_true(fixture.lasts(TOKMAN_E_APP_NOT_INSTALLED) == 30s);
}

TEST(MemoryFixture, forgetting_one_keeps_the_others) {
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "a");
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "b");
  fixture.memory.forget("a");
  assert_false(fixture.remembers("a"));
  assert_true(fixture.remembers("b"));
}

TEST(MemoryFixture, all_can_be_forgotten) {
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "a");
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "b");
  fixture.memory.forget_all();
  assert_false(fixture.remembers("a") || fixture.remembers("b"));
}

TEST(MemoryFixture, when_it_is_full_the_one_that_ends_soonest_makes_room) {
  fixture.refuse(TOKMAN_E_INSTALLATION_SUSPENDED, "a");
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "soonest");
  fixture.refuse(TOKMAN_E_INSTALLATION_SUSPENDED, "b");
  fixture.refuse(TOKMAN_E_INSTALLATION_SUSPENDED, "c");
  assert_false(fixture.remembers("soonest"));
  assert_true(fixture.remembers("a") && fixture.remembers("b") && fixture.remembers("c"));
}

TEST(MemoryFixture, when_it_is_full_those_that_are_over_go_first) {
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "over");
  fixture.refuse(TOKMAN_E_INSTALLATION_SUSPENDED, "a");
  fixture.now += 30s;
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "b");
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "c");
  assert_true(fixture.remembers("a") && fixture.remembers("b") && fixture.remembers("c"));
}

TEST(MemoryFixture, only_those_that_last_are_listed) {
  fixture.refuse(TOKMAN_E_APP_NOT_INSTALLED, "over");
  fixture.now += 30s;
  fixture.refuse(TOKMAN_E_INSTALLATION_SUSPENDED, "a");
  int listed = 0;
  fixture.memory.for_each(fixture.now, [&](const Refusal& refusal) {
    listed += refusal.error.code == TOKMAN_E_INSTALLATION_SUSPENDED ? 1 : 100;
  });
  assert_int_equal(listed, 1);
}

TEST(MemoryFixture, refusals_that_follow_one_another_are_told_since_the_first) {
  const Instant first = fixture.now;
  fixture.lasts_again(TOKMAN_E_APP_NOT_INSTALLED);
  assert_true(fixture.now > first);
  assert_true(fixture.since() == first);
}

TEST(MemoryFixture, a_refusal_with_another_cause_is_told_since_itself) {
  fixture.lasts_again(TOKMAN_E_APP_NOT_INSTALLED);
  fixture.now += 10min;
  fixture.refuse(TOKMAN_E_INSTALLATION_SUSPENDED);
  assert_true(fixture.since() == fixture.now);
}

TEST(MemoryFixture, those_of_one_owner_can_be_forgotten) {
  fixture.refuse_target("octo-org");
  fixture.refuse_target("octo-org/hello-world");
  fixture.refuse_target("octo-org-2/hello-world");
  fixture.memory.forget_owner("other-app", "octo-org");
  assert_true(fixture.remembers("octo-org"));
  fixture.memory.forget_owner("ci", "octo-org");
  assert_false(fixture.remembers("octo-org"));
  assert_false(fixture.remembers("octo-org/hello-world"));
  assert_true(fixture.remembers("octo-org-2/hello-world"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(MemoryFixture, not_installed_is_remembered_for_thirty_seconds),
      RUN(MemoryFixture, credentials_not_accepted_are_remembered_for_thirty_seconds),
      RUN(MemoryFixture, suspended_is_remembered_for_five_minutes),
      RUN(MemoryFixture, a_permission_not_granted_is_remembered_for_five_minutes),
      RUN(MemoryFixture, a_repository_out_of_reach_is_remembered_for_five_minutes),
      RUN(MemoryFixture, too_many_repositories_are_remembered_for_five_minutes),
      RUN(MemoryFixture, a_failure_in_passing_is_not_remembered),
      RUN(MemoryFixture, a_refusal_that_nobody_knows_is_not_remembered),
      RUN(MemoryFixture, it_is_remembered_to_the_last_millisecond),
      RUN(MemoryFixture, it_is_over_when_its_time_is_over),
      RUN(MemoryFixture, the_caller_is_told_how_long_it_still_lasts),
      RUN(MemoryFixture, the_caller_is_told_what_github_said),
      RUN(MemoryFixture, not_installed_again_lasts_twice_as_long),
      RUN(MemoryFixture, doubling_ends_at_five_minutes),
      RUN(MemoryFixture, five_minutes_do_not_double),
      RUN(MemoryFixture, many_who_were_refused_at_once_do_not_double_it),
      RUN(MemoryFixture, a_forgotten_refusal_starts_again_at_thirty_seconds),
      RUN(MemoryFixture, forgetting_one_keeps_the_others),
      RUN(MemoryFixture, all_can_be_forgotten),
      RUN(MemoryFixture, when_it_is_full_the_one_that_ends_soonest_makes_room),
      RUN(MemoryFixture, when_it_is_full_those_that_are_over_go_first),
      RUN(MemoryFixture, only_those_that_last_are_listed),
      RUN(MemoryFixture, refusals_that_follow_one_another_are_told_since_the_first),
      RUN(MemoryFixture, a_refusal_with_another_cause_is_told_since_itself),
      RUN(MemoryFixture, those_of_one_owner_can_be_forgotten),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
