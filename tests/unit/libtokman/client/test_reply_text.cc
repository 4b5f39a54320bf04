#include "libtokman/client/reply_text.h"

#include "tests/support/cmocka_cpp.h"

using tokman::cut_token;
using tokman::error_details;
using tokman::find_member;
using tokman::first_value;

namespace {

struct Nothing {};

TEST(Nothing, a_member_is_found_with_all_that_follows) {
  assert_true(find_member(R"({"a":1,"b":[2]})", "b") == "[2]}");
}

TEST(Nothing, a_member_is_found_across_white_space) {
  assert_true(find_member("{ \"a\" \n:\t 1 }", "a") == "1 }");
}

TEST(Nothing, a_member_of_an_inner_object_is_not_found) {
  assert_true(find_member(R"({"x":{"a":1},"y":[{"a":2}]})", "a").empty());
}

TEST(Nothing, a_member_behind_the_end_of_the_object_is_not_found) {
  assert_true(find_member(R"({"x":1},"a":2})", "a").empty());
}

TEST(Nothing, a_value_is_no_member) {
  assert_true(find_member(R"({"x":"a","y":["a"]})", "a").empty());
}

TEST(Nothing, a_member_that_only_looks_like_one_inside_a_string_is_not_found) {
  assert_true(find_member(R"({"x":"\"a\":1"})", "a").empty());
  assert_true(find_member(R"({"x":"\\","a":1})", "a") == "1}");
}

TEST(Nothing, what_is_no_object_has_no_member) {
  for (const char* text : {"", "a", "[\"a\":1]", "{", "{\"", "{\"a", "{\"a\"", "{\"a\\\"", "}}"}) {
    assert_true(find_member(text, "a").empty());
  }
}

TEST(Nothing, the_first_value_ends_with_its_last_bracket_or_quote) {
  assert_true(first_value(R"({"a":"}"}} rest)") == R"({"a":"}"})");
  assert_true(first_value(R"("a\"b",2)") == R"("a\"b")");
  assert_true(first_value(R"({"a":)").empty());
  assert_true(first_value(R"("a)").empty());
  assert_true(first_value("").empty());
}

TEST(Nothing, a_token_is_cut_out_wherever_it_stands) {
  const auto first = cut_token(R"({"parameters":{"token":"ghs_x","a":1}})");
  assert_true(first.token == "ghs_x");
  assert_string_equal(first.without_token().c_str(), R"({"parameters":{"token":"","a":1}})");
  const auto last = cut_token(R"({"parameters" : {"a":{"token":"no"}, "token" : "ghs_x"}})");
  assert_true(last.token == "ghs_x");
  assert_string_equal(last.without_token().c_str(),
                      R"({"parameters" : {"a":{"token":"no"}, "token" : ""}})");
}

TEST(Nothing, an_escaped_quote_does_not_end_a_token) {
  assert_true(cut_token(R"({"parameters":{"token":"a\"b\\"}})").token == R"(a\"b\\)");
}

TEST(Nothing, a_token_elsewhere_is_not_cut_out) {
  for (const char* text : {R"({"token":"x"})", R"({"parameters":["token","x"]})",
                           R"({"parameters":{"a":{"token":"x"}}})", R"({"parameters":{}})",
                           R"({"parameters":{"token":7}})", R"({"parameters":{"token":"x)"}) {
    const auto cut = cut_token(text);
    assert_true(cut.token.empty());
    assert_string_equal(cut.without_token().c_str(), text);
  }
}

TEST(Nothing, the_details_of_an_error_are_its_parameters) {
  assert_true(error_details(R"({"error":"x","parameters":{"message":"no"}})") ==
              R"({"message":"no"})");
}

TEST(Nothing, without_error_or_parameters_there_are_no_details) {
  assert_true(error_details(R"({"parameters":{"message":"no"}})") == "{}");
  assert_true(error_details(R"({"error":"x"})") == "{}");
  assert_true(error_details(R"({"error":"x","parameters":null})") == "{}");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Nothing, a_member_is_found_with_all_that_follows),
      RUN(Nothing, a_member_is_found_across_white_space),
      RUN(Nothing, a_member_of_an_inner_object_is_not_found),
      RUN(Nothing, a_member_behind_the_end_of_the_object_is_not_found),
      RUN(Nothing, a_value_is_no_member),
      RUN(Nothing, a_member_that_only_looks_like_one_inside_a_string_is_not_found),
      RUN(Nothing, what_is_no_object_has_no_member),
      RUN(Nothing, the_first_value_ends_with_its_last_bracket_or_quote),
      RUN(Nothing, a_token_is_cut_out_wherever_it_stands),
      RUN(Nothing, an_escaped_quote_does_not_end_a_token),
      RUN(Nothing, a_token_elsewhere_is_not_cut_out),
      RUN(Nothing, the_details_of_an_error_are_its_parameters),
      RUN(Nothing, without_error_or_parameters_there_are_no_details),
  };
  return cmocka_run_group_tests_name("reply text", tests, nullptr, nullptr);
}
