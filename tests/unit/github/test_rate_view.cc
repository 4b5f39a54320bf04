// Which of several sightings of a rate limit counts, and which could not be true.
#include "daemon/domain/github/rate_view.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct RateFixture {
  UnixTime now{seconds(1'800'000'000)};
  RateWindow window{"core", 5000, 4000, 1000, now + minutes(30), now, RateSource::observed};
  RateView view;

  void note(std::int64_t used, seconds reset_later, RateSource source = RateSource::observed) {
    RateWindow seen = window;
    seen.used = used;
    seen.remaining = seen.limit - used;
    seen.resets_at += reset_later;
    seen.source = source;
    view.note(seen);
  }
  std::int64_t used() const { return view.windows(now).front().used; }
  std::string refused_field() const {
    const Result<Done> checked = check_rate_window(window, now);
    return checked.ok() ? "" : checked.error().field;
  }
};

TEST(RateFixture, within_a_window_the_greatest_use_counts) {
  fixture.note(10, seconds(0));
  fixture.note(12, seconds(1));
  fixture.note(11, seconds(0));
  assert_int_equal(fixture.used(), 12);
}

TEST(RateFixture, a_later_window_replaces_the_one_before) {
  fixture.note(900, seconds(0));
  fixture.note(1, minutes(10));
  assert_int_equal(fixture.used(), 1);
}

TEST(RateFixture, an_earlier_window_changes_nothing) {
  fixture.note(1, minutes(10));
  fixture.note(900, seconds(0));
  assert_int_equal(fixture.used(), 1);
}

TEST(RateFixture, what_github_says_replaces_what_callers_saw) {
  fixture.note(900, minutes(20));
  fixture.note(5, seconds(0), RateSource::github);
  assert_int_equal(fixture.used(), 5);
}

TEST(RateFixture, a_window_that_is_over_is_not_shown) {
  fixture.note(10, seconds(0));
  assert_int_equal(fixture.view.windows(fixture.now + minutes(30) - seconds(1)).size(), 1);
  assert_true(fixture.view.windows(fixture.now + minutes(30)).empty());
}

TEST(RateFixture, resources_are_bounded) {
  for (char first = 'a'; first <= 'z'; ++first) {
    for (char second = 'a'; second <= 'd'; ++second) {
      fixture.window.resource = {first, second};
      fixture.note(1, seconds(0));
    }
  }
  assert_int_equal(fixture.view.windows(fixture.now).size(), 64);
}

TEST(RateFixture, what_github_could_say_passes) {
  assert_string_equal(fixture.refused_field().c_str(), "");
}

TEST(RateFixture, more_may_be_used_than_the_limit) {
  fixture.window.remaining = 0;
  fixture.window.used = 5001;
  assert_string_equal(fixture.refused_field().c_str(), "");
}

TEST(RateFixture, a_resource_is_a_name) {
  fixture.window.resource = "core\n";
  assert_string_equal(fixture.refused_field().c_str(), "resource");
  fixture.window.resource = std::string(65, 'a');
  assert_string_equal(fixture.refused_field().c_str(), "resource");
}

TEST(RateFixture, a_limit_is_within_bounds) {
  fixture.window.limit = 1'000'001;
  assert_string_equal(fixture.refused_field().c_str(), "limit");
  fixture.window.limit = -1;
  assert_string_equal(fixture.refused_field().c_str(), "limit");
}

TEST(RateFixture, no_more_is_left_than_the_limit) {
  fixture.window.remaining = 5001;
  assert_string_equal(fixture.refused_field().c_str(), "remaining");
}

TEST(RateFixture, nothing_below_zero_is_used) {
  fixture.window.used = -1;
  assert_string_equal(fixture.refused_field().c_str(), "used");
}

TEST(RateFixture, a_window_is_at_most_an_hour_long) {
  fixture.window.resets_at = fixture.now + minutes(65);
  assert_string_equal(fixture.refused_field().c_str(), "");
  fixture.window.resets_at += seconds(1);
  assert_string_equal(fixture.refused_field().c_str(), "reset");
}

TEST(RateFixture, a_window_of_long_ago_is_refused) {
  fixture.window.resets_at = fixture.now - minutes(5) - seconds(1);
  assert_string_equal(fixture.refused_field().c_str(), "reset");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RateFixture, within_a_window_the_greatest_use_counts),
      RUN(RateFixture, a_later_window_replaces_the_one_before),
      RUN(RateFixture, an_earlier_window_changes_nothing),
      RUN(RateFixture, what_github_says_replaces_what_callers_saw),
      RUN(RateFixture, a_window_that_is_over_is_not_shown),
      RUN(RateFixture, resources_are_bounded),
      RUN(RateFixture, what_github_could_say_passes),
      RUN(RateFixture, more_may_be_used_than_the_limit),
      RUN(RateFixture, a_resource_is_a_name),
      RUN(RateFixture, a_limit_is_within_bounds),
      RUN(RateFixture, no_more_is_left_than_the_limit),
      RUN(RateFixture, nothing_below_zero_is_used),
      RUN(RateFixture, a_window_is_at_most_an_hour_long),
      RUN(RateFixture, a_window_of_long_ago_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
