// Tokens that are served from memory: to whom, for how long, and how many.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct CachedFixture : BrokerFixture {
  CachedFixture() { app.installations["octo-org"] = 42; }

  // Whether two orders are answered with two tokens.
  bool are_two_tokens(const TokenOrder& one, const TokenOrder& other) {
    const std::string first = ask(one).fingerprint;
    const std::string second = ask(other).fingerprint;
    return first != second && !first.empty() && !second.empty();
  }
};

TEST(CachedFixture, a_second_request_is_served_from_the_cache) {
  const std::string first = fixture.ask().fingerprint;
  const TokenCaller& second = fixture.ask();
  assert_true(second.source == TokenSource::cache);
  assert_string_equal(second.fingerprint.c_str(), first.c_str());
}

TEST(CachedFixture, a_cached_token_is_answered_at_once) {
  fixture.ask();
  assert_int_equal(fixture.start_asking().answers, 1);
}

TEST(CachedFixture, a_cached_token_costs_no_request) {
  fixture.ask();
  const int requests = fixture.loop.http.count("");
  for (int i = 0; i < 100; ++i) fixture.ask();
  assert_int_equal(fixture.loop.http.count(""), requests);
}

TEST(CachedFixture, hits_are_counted) {
  for (int i = 0; i < 3; ++i) fixture.ask();
  assert_int_equal(fixture.broker().counts().hits, 2);
}

TEST(CachedFixture, a_token_with_just_the_life_that_is_asked_is_served) {
  fixture.ask();
  fixture.loop.advance(10min);
  assert_true(fixture.ask(fixture.order_living(50min)).source == TokenSource::cache);
}

TEST(CachedFixture, a_token_with_a_second_less_is_minted_anew) {
  fixture.ask();
  fixture.loop.advance(10min + 1s);
  const TokenCaller& caller = fixture.ask(fixture.order_living(50min));
  assert_true(caller.source == TokenSource::minted);
}

TEST(CachedFixture, a_new_token_serves_also_those_who_ask_for_less) {
  fixture.ask();
  fixture.loop.advance(30min);
  const std::string renewed = fixture.ask(fixture.order_living(50min)).fingerprint;
  assert_string_equal(fixture.ask().fingerprint.c_str(), renewed.c_str());
}

TEST(CachedFixture, below_the_default_life_a_token_is_minted_anew) {
  fixture.app.renew_before = 0s;
  fixture.ask();
  fixture.loop.advance(55min + 1s);
  assert_true(fixture.ask().source == TokenSource::minted);
}

TEST(CachedFixture, who_asks_for_no_life_still_gets_a_minute) {
  fixture.app.renew_before = 0s;
  fixture.ask();
  fixture.loop.advance(59min + 1s);
  assert_true(fixture.ask(fixture.order_living(0s)).source == TokenSource::minted);
}

TEST(CachedFixture, a_short_lived_token_is_served_for_two_thirds_of_its_life) {
  fixture.github.lifetime = 6min;
  fixture.app.renew_before = 0s;
  fixture.ask();
  fixture.loop.advance(4min);
  assert_true(fixture.ask().source == TokenSource::cache);
}

TEST(CachedFixture, the_owners_token_is_not_a_repositorys) {
  assert_true(fixture.are_two_tokens(fixture.order(""), fixture.order("hello-world")));
}

TEST(CachedFixture, another_repositorys_token_is_another_one) {
  assert_true(fixture.are_two_tokens(fixture.order("spoon-knife"), fixture.order("hello-world")));
}

TEST(CachedFixture, a_token_that_may_write_is_not_one_that_may_read) {
  TokenOrder writer = fixture.order();
  writer.permissions.set("contents", AccessLevel::write);
  assert_true(fixture.are_two_tokens(fixture.order(), writer));
}

TEST(CachedFixture, two_apps_with_the_same_installation_id_do_not_share) {
  TokenOrder other = fixture.order();
  other.app.name = "cd";
  assert_true(fixture.are_two_tokens(fixture.order(), other));
}

TEST(CachedFixture, two_servers_do_not_share) {
  TokenOrder other = fixture.order();
  other.app.api_base = "https://ghe.example/api/v3";
  fixture.loop.http.answer_once(
      "POST " + other.app.api_base + "/app/installations/42/access_tokens", 201,
      token_body(std::string(40, 'g'), FakeClock::kStart + 1h));
  assert_true(fixture.are_two_tokens(fixture.order(), other));
}

TEST(CachedFixture, memory_never_holds_more_tokens_than_configured) {
  fixture.cache_entries_max = 3;
  fixture.restart();
  for (int i = 0; i < 10; ++i) fixture.ask(fixture.order("repo-" + std::to_string(i)));
  assert_int_equal(fixture.broker().cache().size(), 3);
}

TEST(CachedFixture, a_token_that_left_memory_is_served_from_the_store) {
  fixture.cache_entries_max = 1;
  fixture.restart();
  const std::string first = fixture.ask().fingerprint;
  fixture.ask(fixture.order("spoon-knife"));
  const TokenCaller& again = fixture.ask();
  assert_true(again.source == TokenSource::cache);
  assert_string_equal(again.fingerprint.c_str(), first.c_str());
}

TEST(CachedFixture, an_expired_token_leaves_memory_by_itself) {
  fixture.app_is_configured = false;
  fixture.ask();
  fixture.loop.advance(1h - 5s - 1ms);
  assert_int_equal(fixture.broker().cache().size(), 1);
  fixture.loop.advance(1ms);
  assert_int_equal(fixture.broker().cache().size(), 0);
}

TEST(CachedFixture, whoever_holds_an_expired_entry_sees_that_it_is_no_longer_current) {
  fixture.app_is_configured = false;
  const CacheEntryPtr held = fixture.ask().entry;
  fixture.loop.advance(1h);
  assert_false(held->is_current);
}

TEST(CachedFixture, an_expired_token_leaves_the_store) {
  fixture.app_is_configured = false;
  fixture.ask();
  const std::string key = fixture.order().key_at(42);
  assert_true(fixture.running->store.tokens.find(key).value().has_value());
  fixture.loop.advance(1h);
  fixture.loop.run();
  assert_false(fixture.running->store.tokens.find(key).value().has_value());
}

TEST(CachedFixture, an_entry_that_a_session_holds_can_be_served_again) {
  const CacheEntryPtr held = fixture.ask().entry;
  assert_true(fixture.broker().serve(*held, fixture.order().life));
}

TEST(CachedFixture, an_entry_that_a_session_holds_is_not_served_when_it_lives_too_short) {
  const CacheEntryPtr held = fixture.ask().entry;
  fixture.loop.advance(10min);
  assert_false(fixture.broker().serve(*held, {55min, true}));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(CachedFixture, a_second_request_is_served_from_the_cache),
      RUN(CachedFixture, a_cached_token_is_answered_at_once),
      RUN(CachedFixture, a_cached_token_costs_no_request),
      RUN(CachedFixture, hits_are_counted),
      RUN(CachedFixture, a_token_with_just_the_life_that_is_asked_is_served),
      RUN(CachedFixture, a_token_with_a_second_less_is_minted_anew),
      RUN(CachedFixture, a_new_token_serves_also_those_who_ask_for_less),
      RUN(CachedFixture, below_the_default_life_a_token_is_minted_anew),
      RUN(CachedFixture, who_asks_for_no_life_still_gets_a_minute),
      RUN(CachedFixture, a_short_lived_token_is_served_for_two_thirds_of_its_life),
      RUN(CachedFixture, the_owners_token_is_not_a_repositorys),
      RUN(CachedFixture, another_repositorys_token_is_another_one),
      RUN(CachedFixture, a_token_that_may_write_is_not_one_that_may_read),
      RUN(CachedFixture, two_apps_with_the_same_installation_id_do_not_share),
      RUN(CachedFixture, two_servers_do_not_share),
      RUN(CachedFixture, memory_never_holds_more_tokens_than_configured),
      RUN(CachedFixture, a_token_that_left_memory_is_served_from_the_store),
      RUN(CachedFixture, an_expired_token_leaves_memory_by_itself),
      RUN(CachedFixture, whoever_holds_an_expired_entry_sees_that_it_is_no_longer_current),
      RUN(CachedFixture, an_expired_token_leaves_the_store),
      RUN(CachedFixture, an_entry_that_a_session_holds_can_be_served_again),
      RUN(CachedFixture, an_entry_that_a_session_holds_is_not_served_when_it_lives_too_short),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
