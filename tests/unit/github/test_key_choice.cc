// Which of an app's keys signs, as GitHub accepts and refuses them.
#include "daemon/domain/github/key_choice.h"

#include "libtokman/base/text.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct Choice {
  KeyChoice keys;
  Instant now{1h};

  // "a b" are configured, "(a)" was replaced, "!" cannot be used.
  void update(const std::string& text) {
    std::vector<KnownKey> known;
    for (std::string_view word : split(text, ' ')) {
      KnownKey key;
      key.is_replaced = word.starts_with("(");
      if (key.is_replaced) word = word.substr(1, word.size() - 2);
      key.fingerprint = word == "!" ? "" : std::string(word);
      if (word == "!") key.error = "no such file";
      known.push_back(key);
    }
    keys.update(known);
  }
  // The order in which one request tries them.
  std::string order() const {
    std::set<std::string> tried = {"of another app"};
    std::vector<std::string> all;
    while (const auto key = keys.choose(tried)) {
      all.push_back(*key);
      tried.insert(*key);
    }
    return join(all, " ");
  }
  std::string due() { return join(keys.take_due(now), " "); }
};

TEST(Choice, while_nothing_is_known_the_signer_chooses) {
  assert_string_equal(fixture.keys.choose({})->c_str(), "");
  assert_false(fixture.keys.choose({"a"}).has_value());
}

TEST(Choice, where_no_key_can_be_used_the_signer_is_asked_and_says_why) {
  fixture.update("! !");
  assert_string_equal(fixture.keys.choose({})->c_str(), "");
}

TEST(Choice, at_first_the_order_of_the_configuration_holds) {
  fixture.update("b a");
  assert_string_equal(fixture.order().c_str(), "b a");
}

TEST(Choice, an_unusable_key_is_never_chosen) {
  fixture.update("! a");
  assert_string_equal(fixture.order().c_str(), "a");
}

TEST(Choice, the_accepted_key_is_preferred) {
  fixture.update("a b");
  fixture.keys.accept("b");
  assert_string_equal(fixture.order().c_str(), "b a");
}

TEST(Choice, of_several_accepted_keys_the_first_is_preferred) {
  fixture.update("a b");
  fixture.keys.accept("b");
  fixture.keys.accept("a");
  assert_string_equal(fixture.order().c_str(), "a b");
}

TEST(Choice, a_refused_key_comes_last) {
  fixture.update("a b");
  fixture.keys.refuse("a", "no");
  assert_string_equal(fixture.order().c_str(), "b a");
}

TEST(Choice, a_refused_key_that_is_accepted_is_as_good_as_before) {
  fixture.update("a b");
  fixture.keys.refuse("a", "no");
  fixture.keys.accept("a");
  assert_string_equal(fixture.order().c_str(), "a b");
  assert_string_equal(fixture.keys.keys().at(0).error.c_str(), "");
}

TEST(Choice, a_new_key_waits_until_it_is_accepted) {
  fixture.update("a");
  fixture.keys.accept("a");
  fixture.update("b (a)");
  assert_string_equal(fixture.order().c_str(), "a b");
  fixture.keys.accept("b");
  assert_string_equal(fixture.order().c_str(), "b a");
}

TEST(Choice, a_new_key_is_tried_before_one_that_was_refused) {
  fixture.update("a");
  fixture.keys.accept("a");
  fixture.keys.refuse("a", "no");
  fixture.update("b (a)");
  assert_string_equal(fixture.order().c_str(), "b a");
}

TEST(Choice, a_new_key_that_is_refused_leaves_the_replaced_one_in_use) {
  fixture.update("a");
  fixture.keys.accept("a");
  fixture.update("b (a)");
  fixture.keys.refuse("b", "no");
  assert_string_equal(fixture.order().c_str(), "a b");
}

TEST(Choice, what_github_said_stays_when_the_keys_are_read_again) {
  fixture.update("a b");
  fixture.keys.refuse("a", "no");
  fixture.keys.accept("b");
  fixture.update("a b");
  assert_string_equal(fixture.order().c_str(), "b a");
  assert_string_equal(fixture.keys.keys().at(0).error.c_str(), "no");
}

TEST(Choice, a_key_that_the_signer_lost_is_not_chosen) {
  fixture.update("a b");
  fixture.keys.remove("a");
  assert_string_equal(fixture.order().c_str(), "b");
}

TEST(Choice, replaced_keys_are_done_with_once_a_configured_one_is_accepted) {
  fixture.update("a");
  fixture.keys.accept("a");
  assert_false(fixture.keys.has_done_with_replaced());
  fixture.update("b (a)");
  assert_false(fixture.keys.has_done_with_replaced());
  fixture.keys.accept("b");
  assert_true(fixture.keys.has_done_with_replaced());
}

TEST(Choice, each_usable_key_is_to_be_proven_once) {
  fixture.update("a ! b");
  assert_string_equal(fixture.due().c_str(), "a b");
  assert_string_equal(fixture.due().c_str(), "");
}

TEST(Choice, an_accepted_key_needs_no_more_proof) {
  fixture.update("a");
  fixture.keys.accept("a");
  assert_string_equal(fixture.due().c_str(), "");
}

TEST(Choice, a_key_that_is_not_accepted_is_proven_again_at_growing_intervals) {
  fixture.update("a");
  fixture.due();
  for (const auto pause : {15s, 30s, 60s, 120s, 240s, 480s, 900s, 900s}) {
    fixture.now += pause - 1ms;
    assert_string_equal(fixture.due().c_str(), "");
    fixture.now += 1ms;
    assert_string_equal(fixture.due().c_str(), "a");
  }
}

TEST(Choice, a_key_that_went_away_and_came_back_is_proven_at_once) {
  fixture.update("a");
  fixture.due();
  fixture.update("b");
  fixture.update("a");
  assert_string_equal(fixture.due().c_str(), "a");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Choice, while_nothing_is_known_the_signer_chooses),
      RUN(Choice, where_no_key_can_be_used_the_signer_is_asked_and_says_why),
      RUN(Choice, at_first_the_order_of_the_configuration_holds),
      RUN(Choice, an_unusable_key_is_never_chosen),
      RUN(Choice, the_accepted_key_is_preferred),
      RUN(Choice, of_several_accepted_keys_the_first_is_preferred),
      RUN(Choice, a_refused_key_comes_last),
      RUN(Choice, a_refused_key_that_is_accepted_is_as_good_as_before),
      RUN(Choice, a_new_key_waits_until_it_is_accepted),
      RUN(Choice, a_new_key_is_tried_before_one_that_was_refused),
      RUN(Choice, a_new_key_that_is_refused_leaves_the_replaced_one_in_use),
      RUN(Choice, what_github_said_stays_when_the_keys_are_read_again),
      RUN(Choice, a_key_that_the_signer_lost_is_not_chosen),
      RUN(Choice, replaced_keys_are_done_with_once_a_configured_one_is_accepted),
      RUN(Choice, each_usable_key_is_to_be_proven_once),
      RUN(Choice, an_accepted_key_needs_no_more_proof),
      RUN(Choice, a_key_that_is_not_accepted_is_proven_again_at_growing_intervals),
      RUN(Choice, a_key_that_went_away_and_came_back_is_proven_at_once),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
