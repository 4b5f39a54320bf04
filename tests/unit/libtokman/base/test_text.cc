#include <string>

#include "libtokman/base/text.h"
#include "tests/support/cmocka_cpp.h"

using namespace std::chrono_literals;
using tokman::glob_matches;
using tokman::parse_duration;
using tokman::parse_int;

namespace {

struct Nothing {};

TEST(Nothing, splitting_keeps_empty_parts) {
  const auto parts = tokman::split("a//b/", '/');
  assert_int_equal(parts.size(), 4);
  assert_true(parts[0] == "a" && parts[1].empty() && parts[2] == "b" && parts[3].empty());
}

TEST(Nothing, splitting_an_empty_text_gives_one_empty_part) {
  assert_int_equal(tokman::split("", ',').size(), 1);
}

TEST(Nothing, trimming_takes_white_space_from_both_ends_only) {
  assert_true(tokman::trim(" \t a b\r\n") == "a b");
  assert_true(tokman::trim(" \n").empty());
}

TEST(Nothing, joining_puts_the_separator_between_all_parts_also_empty_ones) {
  const std::string parts[] = {"", "a", ""};
  assert_string_equal(tokman::join(parts, ", ").c_str(), ", a, ");
  assert_string_equal(tokman::join({}, ", ").c_str(), "");
}

TEST(Nothing, lower_case_changes_ascii_letters_only) {
  assert_string_equal(tokman::lower_case("Octo-ORG/Ä1").c_str(), "octo-org/Ä1");
}

TEST(Nothing, a_number_is_digits_and_nothing_else) {
  assert_int_equal(*parse_int("0042"), 42);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1x", "0x1", "1.0"}) {
    assert_false(parse_int(text).has_value());
  }
}

TEST(Nothing, a_number_that_does_not_fit_is_none) {
  assert_true(parse_int("9223372036854775807").has_value());
  assert_false(parse_int("9223372036854775808").has_value());
}

TEST(Nothing, a_duration_is_a_number_and_its_unit) {
  assert_true(parse_duration("250ms") == 250ms);
  assert_true(parse_duration("30s") == 30s);
  assert_true(parse_duration("5m") == 5min);
  assert_true(parse_duration("2h") == 2h);
  assert_true(parse_duration("90d") == 90 * 24h);
}

TEST(Nothing, a_duration_without_unit_or_number_is_none) {
  for (const char* text : {"", "5", "s", "ms", "-5s", "1.5s", "5 s", "5w", "1h30m"}) {
    assert_false(parse_duration(text).has_value());
  }
}

TEST(Nothing, a_duration_that_does_not_fit_is_none) {
  assert_false(parse_duration("9223372036854775807h").has_value());
}

TEST(Nothing, a_duration_is_written_in_the_largest_unit_that_is_whole) {
  assert_string_equal(tokman::format_duration(2h).c_str(), "2h");
  assert_string_equal(tokman::format_duration(48h).c_str(), "2d");
  assert_string_equal(tokman::format_duration(90min).c_str(), "90m");
  assert_string_equal(tokman::format_duration(1500ms).c_str(), "1500ms");
  assert_string_equal(tokman::format_duration(0ms).c_str(), "0s");
}

TEST(Nothing, a_pattern_without_star_matches_itself_only) {
  assert_true(glob_matches("a/b", "a/b", '/'));
  assert_false(glob_matches("a/b", "a/bc", '/'));
  assert_false(glob_matches("a/b", "a", '/'));
}

TEST(Nothing, a_star_matches_any_run_within_a_segment) {
  assert_true(glob_matches("octo/*", "octo/hello", '/'));
  assert_true(glob_matches("octo/*", "octo/", '/'));
  assert_true(glob_matches("*/h*o", "octo/hello", '/'));
  assert_true(glob_matches("a*a*a", "aaaa", '/'));
}

TEST(Nothing, a_star_does_not_match_a_separator) {
  assert_false(glob_matches("*", "octo/hello", '/'));
  assert_false(glob_matches("octo/*", "octo/hello/x", '/'));
  assert_false(glob_matches("o*o", "octo/hello", '/'));
}

TEST(Nothing, a_hostile_pattern_is_judged_quickly) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  assert_false(glob_matches(pattern + "b", std::string(5000, 'a'), '/'));
}

TEST(Nothing, the_nearest_word_is_the_one_with_the_fewest_changes) {
  constexpr std::string_view kWords[] = {"permissions", "repositories", "target"};
  assert_true(tokman::nearest("permisions", kWords) == "permissions");
  assert_true(tokman::nearest("traget", kWords) == "target");
}

TEST(Nothing, nothing_is_near_a_word_that_is_like_none) {
  constexpr std::string_view kWords[] = {"permissions", "target"};
  assert_false(tokman::nearest("socket", kWords).has_value());
  assert_false(tokman::nearest("anything", {}).has_value());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Nothing, splitting_keeps_empty_parts),
      RUN(Nothing, splitting_an_empty_text_gives_one_empty_part),
      RUN(Nothing, trimming_takes_white_space_from_both_ends_only),
      RUN(Nothing, joining_puts_the_separator_between_all_parts_also_empty_ones),
      RUN(Nothing, lower_case_changes_ascii_letters_only),
      RUN(Nothing, a_number_is_digits_and_nothing_else),
      RUN(Nothing, a_number_that_does_not_fit_is_none),
      RUN(Nothing, a_duration_is_a_number_and_its_unit),
      RUN(Nothing, a_duration_without_unit_or_number_is_none),
      RUN(Nothing, a_duration_that_does_not_fit_is_none),
      RUN(Nothing, a_duration_is_written_in_the_largest_unit_that_is_whole),
      RUN(Nothing, a_pattern_without_star_matches_itself_only),
      RUN(Nothing, a_star_matches_any_run_within_a_segment),
      RUN(Nothing, a_star_does_not_match_a_separator),
      RUN(Nothing, a_hostile_pattern_is_judged_quickly),
      RUN(Nothing, the_nearest_word_is_the_one_with_the_fewest_changes),
      RUN(Nothing, nothing_is_near_a_word_that_is_like_none),
  };
  return cmocka_run_group_tests_name("text", tests, nullptr, nullptr);
}
