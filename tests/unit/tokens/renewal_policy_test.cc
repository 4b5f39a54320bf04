// The times of a token's life, to the second.
#include "daemon/domain/tokens/renewal_policy.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct RenewalFixture {
  const UnixTime minted_at{std::chrono::seconds(1'800'000'000)};
  std::chrono::seconds lifetime = 1h;
  NeededLife needed{5min, true};

  UnixTime expires_at() const { return minted_at + lifetime; }
  bool serves_with(std::chrono::seconds left) const {
    return lives_long_enough(expires_at(), minted_at, expires_at() - left, needed);
  }
  bool serves_stale_with(std::chrono::seconds left) const {
    return may_serve_stale(expires_at(), expires_at() - left);
  }
};

TEST(RenewalFixture, a_token_serves_with_just_the_life_that_was_asked) {
  assert_true(fixture.serves_with(5min));
}

TEST(RenewalFixture, a_token_does_not_serve_with_a_second_less) {
  assert_false(fixture.serves_with(5min - 1s));
}

TEST(RenewalFixture, who_asks_for_nothing_still_gets_sixty_seconds) {
  fixture.needed = {0s, true};
  assert_true(fixture.serves_with(60s));
}

TEST(RenewalFixture, who_asks_for_nothing_does_not_get_fifty_nine_seconds) {
  fixture.needed = {0s, true};
  assert_false(fixture.serves_with(59s));
}

TEST(RenewalFixture, the_longest_life_that_may_be_asked_is_served) {
  fixture.needed = {55min, true};
  assert_true(fixture.serves_with(55min));
  assert_false(fixture.serves_with(55min - 1s));
}

TEST(RenewalFixture, a_default_is_held_like_a_wish_of_the_caller) {
  fixture.needed = {5min, false};
  assert_true(fixture.serves_with(5min));
  assert_false(fixture.serves_with(5min - 1s));
}

TEST(RenewalFixture, a_default_is_never_more_than_a_third_of_a_short_life) {
  fixture.lifetime = 6min;
  fixture.needed = {5min, false};
  assert_true(fixture.serves_with(2min));
  assert_false(fixture.serves_with(2min - 1s));
}

TEST(RenewalFixture, a_third_of_a_very_short_life_goes_below_the_floor) {
  fixture.lifetime = 60s;
  fixture.needed = {5min, false};
  assert_true(fixture.serves_with(20s));
}

TEST(RenewalFixture, what_a_caller_asks_for_is_not_halved) {
  fixture.lifetime = 4min;
  fixture.needed = {5min, true};
  assert_false(fixture.serves_with(4min));
}

TEST(RenewalFixture, no_life_is_so_short_that_the_dead_zone_is_served) {
  fixture.lifetime = 10s;
  fixture.needed = {5min, false};
  assert_true(fixture.serves_with(6s));
  assert_false(fixture.serves_with(5s));
}

TEST(RenewalFixture, a_stale_token_serves_with_six_seconds_left) {
  assert_true(fixture.serves_stale_with(6s));
}

TEST(RenewalFixture, no_token_serves_within_five_seconds_of_its_end) {
  assert_false(fixture.serves_stale_with(5s));
}

TEST(RenewalFixture, no_token_serves_after_its_end) {
  assert_false(fixture.serves_stale_with(-1s));
}

TEST(RenewalFixture, renewal_is_due_that_long_before_the_end) {
  assert_true(renewal_age(1h, 20min, 0.0) == 40min);
}

TEST(RenewalFixture, jitter_brings_renewal_forward_by_a_tenth_of_the_lead_at_most) {
  assert_true(renewal_age(1h, 20min, 0.999999) == 38min + 1s);
}

TEST(RenewalFixture, jitter_is_spread_evenly) { assert_true(renewal_age(1h, 20min, 0.5) == 39min); }

TEST(RenewalFixture, a_short_lived_token_is_renewed_at_two_thirds_of_its_life) {
  assert_true(renewal_age(6min, 20min, 0.0) == 4min);
}

TEST(RenewalFixture, without_a_lead_renewal_is_due_at_the_end) {
  assert_true(renewal_age(1h, 0s, 0.9) == 1h);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RenewalFixture, a_token_serves_with_just_the_life_that_was_asked),
      RUN(RenewalFixture, a_token_does_not_serve_with_a_second_less),
      RUN(RenewalFixture, who_asks_for_nothing_still_gets_sixty_seconds),
      RUN(RenewalFixture, who_asks_for_nothing_does_not_get_fifty_nine_seconds),
      RUN(RenewalFixture, the_longest_life_that_may_be_asked_is_served),
      RUN(RenewalFixture, a_default_is_held_like_a_wish_of_the_caller),
      RUN(RenewalFixture, a_default_is_never_more_than_a_third_of_a_short_life),
      RUN(RenewalFixture, a_third_of_a_very_short_life_goes_below_the_floor),
      RUN(RenewalFixture, what_a_caller_asks_for_is_not_halved),
      RUN(RenewalFixture, no_life_is_so_short_that_the_dead_zone_is_served),
      RUN(RenewalFixture, a_stale_token_serves_with_six_seconds_left),
      RUN(RenewalFixture, no_token_serves_within_five_seconds_of_its_end),
      RUN(RenewalFixture, no_token_serves_after_its_end),
      RUN(RenewalFixture, renewal_is_due_that_long_before_the_end),
      RUN(RenewalFixture, jitter_brings_renewal_forward_by_a_tenth_of_the_lead_at_most),
      RUN(RenewalFixture, jitter_is_spread_evenly),
      RUN(RenewalFixture, a_short_lived_token_is_renewed_at_two_thirds_of_its_life),
      RUN(RenewalFixture, without_a_lead_renewal_is_due_at_the_end),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
