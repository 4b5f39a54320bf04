// The rate limits that were seen, and what GitHub is asked for them.
#include "daemon/services/github/rate_limits.h"
#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using std::chrono::seconds;

struct LimitsFixture : GithubFixture {
  static constexpr const char* kAsk = "GET https://api.github.com/rate_limit";

  RateLimits limits{github, time, loop.clock};
  std::vector<OperationPtr> operations;
  std::vector<RateLimits::Asked> answers;

  RateLimits::Place place(std::int64_t id = 4242) const { return {app, id}; }
  RateWindow window(std::int64_t used = 10) const {
    const UnixTime now = loop.clock.unix_now();
    return {"core", 5000, 5000 - used, used, now + seconds(60), now, RateSource::observed};
  }
  std::string body(std::int64_t used) const {
    const auto reset = (loop.clock.unix_now() + seconds(60)).time_since_epoch().count();
    return R"({"resources":{"core":{"limit":5000,"remaining":)" + std::to_string(5000 - used) +
           R"(,"used":)" + std::to_string(used) + R"(,"reset":)" + std::to_string(reset) + "}}}";
  }
  void ask() {
    operations.push_back(
        limits.ask(place(), SecretBytes("ghs_token"),
                   [this](const RateLimits::Asked& asked) { answers.push_back(asked); }));
  }
};

TEST(LimitsFixture, what_a_caller_saw_is_shown) {
  assert_true(fixture.limits.observe(fixture.place(), fixture.window()).ok());
  const RateWindow shown = fixture.limits.windows(fixture.place()).at(0);
  assert_int_equal(shown.remaining, 4990);
  assert_true(shown.source == RateSource::observed);
}

TEST(LimitsFixture, one_installation_says_nothing_of_another) {
  (void)fixture.limits.observe(fixture.place(), fixture.window());
  assert_true(fixture.limits.windows(fixture.place(1)).empty());
}

TEST(LimitsFixture, what_cannot_be_is_refused_and_not_shown) {
  RateWindow impossible = fixture.window();
  impossible.remaining = 5001;
  assert_false(fixture.limits.observe(fixture.place(), impossible).ok());
  assert_true(fixture.limits.windows(fixture.place()).empty());
}

TEST(LimitsFixture, github_is_asked_with_the_installations_token) {
  fixture.loop.http.answer_once(fixture.kAsk, 200, fixture.body(77));
  fixture.ask();
  fixture.loop.run();
  assert_true(fixture.answers.at(0).ok());
  assert_string_equal(fixture.call().authorization.c_str(), "Bearer ghs_token");
  const RateWindow shown = fixture.limits.windows(fixture.place()).at(0);
  assert_int_equal(shown.used, 77);
  assert_true(shown.source == RateSource::github);
}

TEST(LimitsFixture, several_who_ask_at_once_cost_one_request) {
  fixture.loop.http.answer_once(fixture.kAsk, 200, fixture.body(77));
  fixture.ask();
  fixture.ask();
  fixture.loop.run();
  assert_int_equal(fixture.answers.size(), 2);
  assert_int_equal(fixture.loop.http.count("rate_limit"), 1);
}

TEST(LimitsFixture, an_answer_is_fresh_for_ten_seconds) {
  fixture.loop.http.answer_once(fixture.kAsk, 200, fixture.body(77));
  fixture.ask();
  fixture.loop.advance(seconds(9));
  assert_true(fixture.limits.is_fresh(fixture.place()));
  fixture.loop.advance(seconds(1));
  assert_false(fixture.limits.is_fresh(fixture.place()));
}

TEST(LimitsFixture, a_server_without_limits_has_none) {
  fixture.loop.http.answer_once(fixture.kAsk, 404,
                                R"({"message":"Rate limiting is not enabled."})");
  fixture.ask();
  fixture.loop.run();
  assert_true(fixture.answers.at(0).ok());
  assert_true(fixture.limits.windows(fixture.place()).empty());
}

TEST(LimitsFixture, a_refusal_is_passed_on_and_can_be_asked_again) {
  fixture.loop.http.answer_once(fixture.kAsk, 401, R"({"message":"Bad credentials"})");
  fixture.ask();
  fixture.loop.run();
  assert_false(fixture.answers.at(0).ok());
  fixture.loop.http.answer_once(fixture.kAsk, 200, fixture.body(77));
  fixture.ask();
  fixture.loop.run();
  assert_true(fixture.answers.at(1).ok());
}

TEST(LimitsFixture, numbers_that_make_no_sense_are_left_out) {
  fixture.loop.http.answer_once(fixture.kAsk, 200, R"({"resources":{"core":{"limit":"x"}}})");
  fixture.ask();
  fixture.loop.run();
  assert_true(fixture.limits.windows(fixture.place()).empty());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(LimitsFixture, what_a_caller_saw_is_shown),
      RUN(LimitsFixture, one_installation_says_nothing_of_another),
      RUN(LimitsFixture, what_cannot_be_is_refused_and_not_shown),
      RUN(LimitsFixture, github_is_asked_with_the_installations_token),
      RUN(LimitsFixture, several_who_ask_at_once_cost_one_request),
      RUN(LimitsFixture, an_answer_is_fresh_for_ten_seconds),
      RUN(LimitsFixture, a_server_without_limits_has_none),
      RUN(LimitsFixture, a_refusal_is_passed_on_and_can_be_asked_again),
      RUN(LimitsFixture, numbers_that_make_no_sense_are_left_out),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
