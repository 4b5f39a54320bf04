// Who may ask GitHub when, after what it has answered.
#include "daemon/services/github/github_traffic.h"

#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSecondary = "You have exceeded a secondary rate limit.";

struct TrafficFixture : GithubFixture {
  AppConfig other = make_app("other");
  int changes = 0;

  TrafficFixture() {
    loop.random.next_fraction = 0;
    traffic.on_changed([this] { ++changes; });
  }

  void answer(int status, const std::string& message = "",
              std::map<std::string, std::string> headers = {}) {
    HttpResponse response = github_refusal(status, message);
    response.headers.merge(headers);
    traffic.on_answer(app, std::move(response));
  }
  std::string seconds_from_now(std::int64_t seconds) const {
    return std::to_string(loop.clock.unix_now().time_since_epoch().count() + seconds);
  }
  void pass(Instant::duration span) { loop.advance(span); }
  void break_host() {
    for (int i = 0; i < 5; ++i) answer(502);
  }
  // What it is refused with; none if it may be sent.
  std::optional<Error> refuse(const AppConfig& who) {
    std::optional<Error> refused;
    const OperationPtr refusing =
        traffic.refuse(who, [&refused](const Error& error) { refused = error; });
    if (refusing) loop.run();
    return refused;
  }
  // How long the app has to wait; 0 if it may ask.
  Instant::duration wait(const AppConfig& who) {
    const auto hold = traffic.find_hold(who);
    return hold ? hold->until - loop.clock.now() : 0ms;
  }
  Instant::duration wait() { return wait(app); }
};

TEST(TrafficFixture, at_first_everything_may_be_asked) {
  assert_false(fixture.refuse(fixture.app).has_value());
}

TEST(TrafficFixture, retry_after_pauses_the_app_for_as_long_as_it_says) {
  fixture.answer(429, "", {{"retry-after", "17"}});
  assert_true(fixture.wait() == 17s);
}

TEST(TrafficFixture, a_403_with_retry_after_is_a_limit_whatever_its_text) {
  fixture.answer(403, "Slow down", {{"retry-after", "17"}});
  assert_true(fixture.wait() == 17s);
}

TEST(TrafficFixture, a_spent_limit_pauses_the_app_until_its_reset) {
  fixture.answer(
      403, "API rate limit exceeded for installation ID 4242.",
      {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", fixture.seconds_from_now(600)}});
  assert_true(fixture.wait() == 601s);
}

TEST(TrafficFixture, a_spent_limit_is_seen_by_its_headers_alone) {
  fixture.answer(
      403, "No.",
      {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", fixture.seconds_from_now(600)}});
  assert_true(fixture.wait() == 601s);
}

TEST(TrafficFixture, a_secondary_limit_by_its_text_pauses_the_app_for_a_minute) {
  fixture.answer(403, kSecondary);
  assert_true(fixture.wait() == 60s);
}

TEST(TrafficFixture, a_secondary_limit_that_lasts_pauses_twice_as_long_each_time) {
  for (const auto pause : {1min, 2min, 4min, 8min, 16min, 32min, 60min, 60min}) {
    fixture.answer(403, kSecondary);
    assert_true(fixture.wait() == pause);
    fixture.pass(pause);
  }
}

TEST(TrafficFixture, once_something_was_accepted_the_pauses_begin_with_a_minute_again) {
  fixture.answer(403, kSecondary);
  fixture.pass(1min);
  fixture.answer(201);
  fixture.answer(403, kSecondary);
  assert_true(fixture.wait() == 60s);
}

TEST(TrafficFixture, several_that_were_under_way_are_one_limit) {
  fixture.answer(403, kSecondary);
  fixture.answer(403, kSecondary);
  assert_true(fixture.wait() == 60s);
}

TEST(TrafficFixture, the_last_request_of_a_window_pauses_the_app_before_github_refuses) {
  fixture.answer(
      201, "",
      {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", fixture.seconds_from_now(10)}});
  assert_true(fixture.wait() == 11s);
}

TEST(TrafficFixture, no_pause_is_longer_than_an_hour) {
  fixture.answer(
      429, "",
      {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", fixture.seconds_from_now(100'000)}});
  assert_true(fixture.wait() == 1h);
}

TEST(TrafficFixture, a_reset_that_has_passed_is_not_believed) {
  fixture.answer(
      429, "",
      {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", fixture.seconds_from_now(-30)}});
  assert_true(fixture.wait() == 60s);
}

TEST(TrafficFixture, a_pause_of_one_app_leaves_the_others_alone) {
  fixture.answer(429, "", {{"retry-after", "17"}});
  assert_true(fixture.wait(fixture.other) == 0s);
  assert_false(fixture.refuse(fixture.other).has_value());
}

TEST(TrafficFixture, another_refusal_pauses_nothing) {
  fixture.answer(403, "Resource not accessible by integration");
  fixture.answer(404, "Not Found");
  assert_true(fixture.wait() == 0s);
}

TEST(TrafficFixture, what_is_refused_is_told_the_cause_and_when_to_come_back) {
  fixture.answer(429, "", {{"retry-after", "17"}});
  const Error error = *fixture.refuse(fixture.app);
  assert_int_equal(error.code, TOKMAN_E_UPSTREAM_LIMITED);
  assert_true(error.retry_after == 17s);
}

TEST(TrafficFixture, what_is_refused_is_told_what_github_said) {
  fixture.answer(429, "You have exceeded a secondary rate limit");
  const Error error = *fixture.refuse(fixture.app);
  assert_true(error.github.has_value());
  assert_int_equal(error.github->status, 429);
  assert_string_equal(error.github->message.c_str(), "You have exceeded a secondary rate limit");
}

TEST(TrafficFixture, a_pause_and_its_end_are_logged_once_each) {
  fixture.answer(429, "", {{"retry-after", "17"}});
  fixture.answer(429, "", {{"retry-after", "18"}});
  fixture.pass(18s);
  fixture.answer(201);
  fixture.answer(201);
  assert_int_equal(fixture.lines.count("app paused"), 1);
  assert_int_equal(fixture.lines.count("app goes on"), 1);
}

TEST(TrafficFixture, a_host_that_fails_five_times_is_not_asked) {
  fixture.break_host();
  assert_int_equal(fixture.refuse(fixture.app)->code, TOKMAN_E_UPSTREAM_DOWN);
  assert_true(fixture.wait() == 1s);
}

TEST(TrafficFixture, what_is_held_is_told_how_the_host_fails) {
  fixture.break_host();
  const Error answered = *fixture.refuse(fixture.app);
  assert_int_equal(answered.github->status, 502);
  fixture.traffic.on_answer(fixture.app, Error{TOKMAN_E_UPSTREAM_DOWN, "bad certificate"});
  const Error silent = *fixture.refuse(fixture.app);
  assert_true(silent.message.find("bad certificate") != std::string::npos);
  assert_false(silent.github.has_value());
}

TEST(TrafficFixture, no_answer_is_a_failure_of_the_host) {
  for (int i = 0; i < 5; ++i) {
    fixture.traffic.on_answer(fixture.app, Error{TOKMAN_E_UPSTREAM_DOWN, "timed out"});
  }
  assert_true(fixture.wait() == 1s);
}

TEST(TrafficFixture, a_failing_host_holds_all_its_apps) {
  fixture.break_host();
  assert_true(fixture.wait(fixture.other) == 1s);
}

TEST(TrafficFixture, a_failing_host_leaves_other_hosts_alone) {
  fixture.other.api_base = "https://github.example.com/api/v3";
  fixture.break_host();
  assert_true(fixture.wait(fixture.other) == 0s);
}

TEST(TrafficFixture, a_refusal_is_a_sign_of_life) {
  for (int i = 0; i < 4; ++i) fixture.answer(502);
  fixture.answer(404, "Not Found");
  fixture.answer(502);
  assert_true(fixture.wait() == 0s);
}

TEST(TrafficFixture, when_the_pause_is_over_one_request_finds_out) {
  fixture.break_host();
  fixture.pass(1s);
  assert_false(fixture.refuse(fixture.app).has_value());
  assert_true(fixture.refuse(fixture.app)->retry_after == 1s);
}

TEST(TrafficFixture, a_reserved_probe_keeps_its_place) {
  fixture.break_host();
  fixture.pass(1s);
  fixture.traffic.reserve_probe(fixture.app);
  assert_true(fixture.traffic.find_hold(fixture.other).has_value());
  assert_false(fixture.refuse(fixture.app).has_value());
}

TEST(TrafficFixture, an_answer_of_the_host_frees_everybody_and_says_so_once) {
  fixture.break_host();
  fixture.changes = 0;
  fixture.answer(201);
  fixture.answer(201);
  assert_true(fixture.wait() == 0s);
  assert_int_equal(fixture.changes, 1);
}

TEST(TrafficFixture, a_probe_that_fails_says_that_the_next_may_come_sooner) {
  fixture.break_host();
  fixture.pass(1s);
  fixture.refuse(fixture.app);
  assert_true(fixture.wait() == 1s);
  fixture.changes = 0;
  fixture.answer(502);
  assert_true(fixture.wait() == 2s);
  assert_int_equal(fixture.changes, 1);
}

TEST(TrafficFixture, a_failing_host_and_its_recovery_are_logged_once_each) {
  fixture.break_host();
  fixture.answer(502);
  fixture.answer(201);
  assert_int_equal(fixture.lines.count("GitHub is failing"), 1);
  assert_int_equal(fixture.lines.count("GitHub works again"), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(TrafficFixture, at_first_everything_may_be_asked),
      RUN(TrafficFixture, retry_after_pauses_the_app_for_as_long_as_it_says),
      RUN(TrafficFixture, a_403_with_retry_after_is_a_limit_whatever_its_text),
      RUN(TrafficFixture, a_spent_limit_pauses_the_app_until_its_reset),
      RUN(TrafficFixture, a_spent_limit_is_seen_by_its_headers_alone),
      RUN(TrafficFixture, a_secondary_limit_by_its_text_pauses_the_app_for_a_minute),
      RUN(TrafficFixture, a_secondary_limit_that_lasts_pauses_twice_as_long_each_time),
      RUN(TrafficFixture, once_something_was_accepted_the_pauses_begin_with_a_minute_again),
      RUN(TrafficFixture, several_that_were_under_way_are_one_limit),
      RUN(TrafficFixture, the_last_request_of_a_window_pauses_the_app_before_github_refuses),
      RUN(TrafficFixture, no_pause_is_longer_than_an_hour),
      RUN(TrafficFixture, a_reset_that_has_passed_is_not_believed),
      RUN(TrafficFixture, a_pause_of_one_app_leaves_the_others_alone),
      RUN(TrafficFixture, another_refusal_pauses_nothing),
      RUN(TrafficFixture, what_is_refused_is_told_the_cause_and_when_to_come_back),
      RUN(TrafficFixture, what_is_refused_is_told_what_github_said),
      RUN(TrafficFixture, a_pause_and_its_end_are_logged_once_each),
      RUN(TrafficFixture, a_host_that_fails_five_times_is_not_asked),
      RUN(TrafficFixture, what_is_held_is_told_how_the_host_fails),
      RUN(TrafficFixture, no_answer_is_a_failure_of_the_host),
      RUN(TrafficFixture, a_failing_host_holds_all_its_apps),
      RUN(TrafficFixture, a_failing_host_leaves_other_hosts_alone),
      RUN(TrafficFixture, a_refusal_is_a_sign_of_life),
      RUN(TrafficFixture, when_the_pause_is_over_one_request_finds_out),
      RUN(TrafficFixture, a_reserved_probe_keeps_its_place),
      RUN(TrafficFixture, an_answer_of_the_host_frees_everybody_and_says_so_once),
      RUN(TrafficFixture, a_probe_that_fails_says_that_the_next_may_come_sooner),
      RUN(TrafficFixture, a_failing_host_and_its_recovery_are_logged_once_each),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
