// What stays in memory, what goes, and who is told.
#include "daemon/domain/tokens/token_cache.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct CacheFixture {
  CacheFixture() {
    cache.on_token_ended([this](const CacheEntry& entry, std::string_view reason) {
      ended += entry.key + " (" + entry.token->fingerprint + ") " + std::string(reason) + "; ";
    });
  }

  TokenCache cache{3};
  std::string ended;

  static std::unique_ptr<ReadyToken> token(const std::string& fingerprint) {
    auto ready = std::make_unique<ReadyToken>();
    ready->fingerprint = fingerprint;
    return ready;
  }
  CacheEntryPtr insert(const std::string& key, std::int64_t installation_id = 1) {
    auto entry = std::make_shared<CacheEntry>();
    entry->key = key;
    entry->app = "ci";
    entry->installation_id = installation_id;
    entry->token = token("first");
    cache.insert(entry);
    return entry;
  }
  bool has(const std::string& key) const { return cache.find(key) != nullptr; }
};

TEST(CacheFixture, what_was_inserted_is_found) {
  fixture.insert("a");
  assert_string_equal(fixture.cache.find("a")->key.c_str(), "a");
}

TEST(CacheFixture, what_was_not_inserted_is_not_found) { assert_false(fixture.has("a")); }

TEST(CacheFixture, it_never_holds_more_than_its_bound) {
  for (int i = 0; i < 100; ++i) fixture.insert(std::to_string(i));
  assert_int_equal(fixture.cache.size(), 3);
}

TEST(CacheFixture, the_oldest_goes_first) {
  for (const char* key : {"a", "b", "c", "d"}) fixture.insert(key);
  assert_false(fixture.has("a"));
  assert_true(fixture.has("b") && fixture.has("c") && fixture.has("d"));
}

TEST(CacheFixture, one_that_was_asked_for_has_a_second_chance) {
  for (const char* key : {"a", "b", "c"}) fixture.insert(key);
  fixture.cache.find("a")->was_asked = true;
  fixture.insert("d");
  assert_true(fixture.has("a"));
  assert_false(fixture.has("b"));
}

TEST(CacheFixture, a_second_chance_is_not_a_third) {
  for (const char* key : {"a", "b", "c"}) fixture.insert(key);
  fixture.cache.find("a")->was_asked = true;
  for (const char* key : {"d", "e", "f"}) fixture.insert(key);
  assert_false(fixture.has("a"));
}

TEST(CacheFixture, when_all_were_asked_for_the_oldest_goes) {
  for (const char* key : {"a", "b", "c"}) fixture.insert(key)->was_asked = true;
  fixture.insert("d");
  assert_false(fixture.has("a"));
  assert_int_equal(fixture.cache.size(), 3);
}

TEST(CacheFixture, a_smaller_bound_holds_from_the_next_insert_on) {
  for (const char* key : {"a", "b", "c"}) fixture.insert(key);
  fixture.cache.set_entries_max(1);
  fixture.insert("d");
  assert_int_equal(fixture.cache.size(), 1);
  assert_true(fixture.has("d"));
}

TEST(CacheFixture, an_evicted_token_ends) {
  for (const char* key : {"a", "b", "c", "d"}) fixture.insert(key);
  assert_string_equal(fixture.ended.c_str(), "a (first) evicted; ");
}

TEST(CacheFixture, a_replaced_token_ends_while_the_entry_stays) {
  const CacheEntryPtr entry = fixture.insert("a");
  fixture.cache.replace_token(*entry, CacheFixture::token("second"));
  assert_string_equal(fixture.ended.c_str(), "a (first) renewed; ");
  assert_string_equal(fixture.cache.find("a")->token->fingerprint.c_str(), "second");
}

TEST(CacheFixture, a_new_token_has_not_been_used) {
  const CacheEntryPtr entry = fixture.insert("a");
  entry->is_used = entry->renews_on_use = true;
  fixture.cache.replace_token(*entry, CacheFixture::token("second"));
  assert_false(entry->is_used || entry->renews_on_use);
}

TEST(CacheFixture, a_dropped_token_ends_with_its_reason) {
  fixture.insert("a");
  fixture.cache.drop("a", "expired");
  assert_false(fixture.has("a"));
  assert_string_equal(fixture.ended.c_str(), "a (first) expired; ");
}

TEST(CacheFixture, dropping_what_is_not_there_tells_nobody) {
  fixture.cache.drop("a", "expired");
  assert_string_equal(fixture.ended.c_str(), "");
}

TEST(CacheFixture, an_entry_in_the_cache_is_current) {
  assert_true(fixture.insert("a")->is_current);
}

TEST(CacheFixture, whoever_holds_a_dropped_entry_sees_that_it_is_no_longer_current) {
  const CacheEntryPtr held = fixture.insert("a");
  fixture.cache.drop("a", "expired");
  assert_false(held->is_current);
}

TEST(CacheFixture, whoever_holds_an_evicted_entry_sees_that_it_is_no_longer_current) {
  const CacheEntryPtr held = fixture.insert("a");
  for (const char* key : {"b", "c", "d"}) fixture.insert(key);
  assert_false(held->is_current);
}

TEST(CacheFixture, whoever_holds_a_renewed_entry_sees_the_new_token) {
  const CacheEntryPtr held = fixture.insert("a");
  fixture.cache.replace_token(*fixture.cache.find("a"), CacheFixture::token("second"));
  assert_true(held->is_current);
  assert_string_equal(held->token->fingerprint.c_str(), "second");
}

TEST(CacheFixture, all_doomed_entries_are_dropped_together) {
  fixture.insert("a", 1);
  fixture.insert("b", 2);
  fixture.insert("c", 1);
  fixture.cache.drop_if([](const CacheEntry& entry) { return entry.installation_id == 1; },
                        "suspended");
  assert_true(fixture.has("b"));
  assert_string_equal(fixture.ended.c_str(), "a (first) suspended; c (first) suspended; ");
}

TEST(CacheFixture, each_entry_is_visited_once) {
  for (const char* key : {"a", "b", "c"}) fixture.insert(key);
  std::string seen;
  fixture.cache.for_each([&](const CacheEntry& entry) { seen += entry.key; });
  assert_string_equal(seen.c_str(), "abc");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(CacheFixture, what_was_inserted_is_found),
      RUN(CacheFixture, what_was_not_inserted_is_not_found),
      RUN(CacheFixture, it_never_holds_more_than_its_bound),
      RUN(CacheFixture, the_oldest_goes_first),
      RUN(CacheFixture, one_that_was_asked_for_has_a_second_chance),
      RUN(CacheFixture, a_second_chance_is_not_a_third),
      RUN(CacheFixture, when_all_were_asked_for_the_oldest_goes),
      RUN(CacheFixture, a_smaller_bound_holds_from_the_next_insert_on),
      RUN(CacheFixture, an_evicted_token_ends),
      RUN(CacheFixture, a_replaced_token_ends_while_the_entry_stays),
      RUN(CacheFixture, a_new_token_has_not_been_used),
      RUN(CacheFixture, a_dropped_token_ends_with_its_reason),
      RUN(CacheFixture, dropping_what_is_not_there_tells_nobody),
      RUN(CacheFixture, an_entry_in_the_cache_is_current),
      RUN(CacheFixture, whoever_holds_a_dropped_entry_sees_that_it_is_no_longer_current),
      RUN(CacheFixture, whoever_holds_an_evicted_entry_sees_that_it_is_no_longer_current),
      RUN(CacheFixture, whoever_holds_a_renewed_entry_sees_the_new_token),
      RUN(CacheFixture, all_doomed_entries_are_dropped_together),
      RUN(CacheFixture, each_entry_is_visited_once),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
