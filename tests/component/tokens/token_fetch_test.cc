// One token from GitHub: when it is tried again, and when not.
#include "daemon/services/tokens/token_fetch.h"

#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_github_answers.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct FetchFixture : GithubFixture {
  FetchFixture() { answers.accounts["octo-org"] = {4242, {}}; }

  MintGate gate{{traffic, loop.clock, loop.timers}};
  FakeGithubAnswers answers{loop.http, loop.clock};
  std::unique_ptr<TokenFetch> fetch;
  int failed_attempts = 0;
  std::optional<Error> held;
  std::optional<Error> turned_away;
  std::optional<Result<MintedToken>> result;

  void start(std::chrono::milliseconds wanted_for = 10s) {
    fetch = std::make_unique<TokenFetch>(
        TokenFetch::World{github, gate, loop.clock, loop.timers, loop.random}, app,
        MintRequest{4242, {}, {}},
        TokenFetch::Events{
            .on_held = [this](const Error& error) { held = error; },
            .on_attempt_failed = [this](const Error&) { ++failed_attempts; },
            .on_turned_away = [this](const Error& error) { turned_away = error; },
            .on_finished = [this](Result<MintedToken> end) { result = std::move(end); }});
    fetch->start(0, loop.clock.now() + wanted_for);
    loop.run();
  }
  void fail(int count, int status, const std::string& message = "") {
    for (int i = 0; i < count; ++i) {
      answers.mint_failures.emplace_back(github_refusal(status, message));
    }
  }
  int requests() const { return loop.http.count("POST"); }
  bool has_token() const { return result && result->ok(); }
  bool has_failed_with(tokman_error code) const {
    return result && !result->ok() && result->error().code == code;
  }
};

constexpr const char* kNotAccessible =
    "There is at least one repository that does not exist or is not accessible to the parent "
    "installation.";

TEST(FetchFixture, a_token_is_fetched_with_one_request) {
  fixture.start();
  assert_true(fixture.has_token());
  assert_int_equal(fixture.requests(), 1);
}

TEST(FetchFixture, a_failure_in_passing_is_told_and_tried_again) {
  fixture.fail(1, 502);
  fixture.start();
  assert_int_equal(fixture.failed_attempts, 1);
  fixture.loop.advance(250ms);
  assert_true(fixture.has_token());
}

TEST(FetchFixture, the_next_attempt_waits_for_a_part_of_250_ms_that_chance_decides) {
  fixture.loop.random.next_fraction = 0.2;
  fixture.fail(1, 502);
  fixture.start();
  fixture.loop.advance(50ms);
  assert_int_equal(fixture.requests(), 1);
  fixture.loop.advance(1ms);
  assert_int_equal(fixture.requests(), 2);
}

TEST(FetchFixture, it_is_tried_until_nobody_wants_it) {
  fixture.fail(1000, 502);
  fixture.start(5s);
  fixture.loop.advance(5s);
  assert_true(fixture.has_failed_with(TOKMAN_E_UPSTREAM_DOWN));
}

TEST(FetchFixture, an_attempt_that_would_come_too_late_is_not_waited_for) {
  fixture.fail(1000, 502);
  fixture.start(100ms);
  assert_true(fixture.has_failed_with(TOKMAN_E_UPSTREAM_DOWN));
}

TEST(FetchFixture, the_last_attempt_is_not_told_as_one_that_goes_on) {
  fixture.fail(1000, 502);
  fixture.start(100ms);
  assert_int_equal(fixture.failed_attempts, 0);
}

TEST(FetchFixture, someone_who_waits_longer_makes_it_go_on_longer) {
  fixture.fail(5, 502);
  fixture.start(1s);
  fixture.fetch->want(0, fixture.loop.clock.now() + 1min);
  fixture.loop.advance(1min);
  assert_true(fixture.has_token());
}

TEST(FetchFixture, someone_who_waits_shorter_does_not_make_it_shorter) {
  fixture.fail(2, 502);
  fixture.start(10s);
  fixture.fetch->want(0, fixture.loop.clock.now());
  fixture.loop.advance(10s);
  assert_true(fixture.has_token());
}

TEST(FetchFixture, a_refusal_is_final) {
  fixture.fail(1, 403, "Resource not accessible by integration");
  fixture.start();
  fixture.loop.advance(10s);
  assert_true(fixture.has_failed_with(TOKMAN_E_UPSTREAM_REFUSED));
  assert_int_equal(fixture.requests(), 1);
}

TEST(FetchFixture, a_repository_out_of_reach_is_tried_once_more_after_a_second) {
  fixture.fail(1000, 422, kNotAccessible);
  fixture.start();
  fixture.loop.advance(1s - 1ms);
  assert_int_equal(fixture.requests(), 1);
  fixture.loop.advance(10s);
  assert_int_equal(fixture.requests(), 2);
  assert_true(fixture.has_failed_with(TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE));
}

TEST(FetchFixture, an_answer_that_is_not_usable_is_asked_for_again) {
  fixture.answers.mint_failures.emplace_back(github_answer(201, R"({"token":"gh)"));
  fixture.start();
  fixture.loop.advance(1s);
  assert_true(fixture.has_token());
}

TEST(FetchFixture, one_destroyed_while_github_answers_calls_nobody) {
  fixture.loop.http.is_hanging = true;
  fixture.start();
  fixture.fetch.reset();
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_false(fixture.result.has_value());
}

TEST(FetchFixture, one_destroyed_while_it_pauses_asks_nobody) {
  fixture.fail(1, 502);
  fixture.start();
  fixture.fetch.reset();
  fixture.loop.advance(10s);
  assert_int_equal(fixture.requests(), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(FetchFixture, a_token_is_fetched_with_one_request),
      RUN(FetchFixture, a_failure_in_passing_is_told_and_tried_again),
      RUN(FetchFixture, the_next_attempt_waits_for_a_part_of_250_ms_that_chance_decides),
      RUN(FetchFixture, it_is_tried_until_nobody_wants_it),
      RUN(FetchFixture, an_attempt_that_would_come_too_late_is_not_waited_for),
      RUN(FetchFixture, the_last_attempt_is_not_told_as_one_that_goes_on),
      RUN(FetchFixture, someone_who_waits_longer_makes_it_go_on_longer),
      RUN(FetchFixture, someone_who_waits_shorter_does_not_make_it_shorter),
      RUN(FetchFixture, a_refusal_is_final),
      RUN(FetchFixture, a_repository_out_of_reach_is_tried_once_more_after_a_second),
      RUN(FetchFixture, an_answer_that_is_not_usable_is_asked_for_again),
      RUN(FetchFixture, one_destroyed_while_github_answers_calls_nobody),
      RUN(FetchFixture, one_destroyed_while_it_pauses_asks_nobody),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
