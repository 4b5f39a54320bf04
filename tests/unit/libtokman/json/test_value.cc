#include "libtokman/json/value.h"

#include <string>

#include "tests/support/cmocka_cpp.h"

using tokman::json::parse;
using tokman::json::Value;

namespace {

constexpr int kDepth = 16;

struct Nothing {};

TEST(Nothing, members_are_written_in_the_order_they_were_set) {
  const Value object = Value::object().set("b", 1).set("a", "x").set("c", true);
  assert_string_equal(object.dump().c_str(), R"({"b":1,"a":"x","c":true})");
}

TEST(Nothing, an_absent_value_is_set_as_null) {
  assert_string_equal(Value::object().set("a", Value()).dump().c_str(), R"({"a":null})");
}

TEST(Nothing, lists_and_dictionaries_become_arrays_and_objects) {
  assert_string_equal(Value::of(std::vector<std::string>{"a", "b"}).dump().c_str(), R"(["a","b"])");
  assert_string_equal(Value::of(std::map<std::string, std::string>{{"k", "v"}}).dump().c_str(),
                      R"({"k":"v"})");
}

TEST(Nothing, text_that_is_no_utf8_is_written_with_question_marks) {
  assert_string_equal(Value::of("a\xff!").dump().c_str(), "\"a?!\"");
}

TEST(Nothing, secret_text_is_the_same_text) {
  assert_true(Value::object().set("a", 1).dump_secret().reveal() == R"({"a":1})");
}

TEST(Nothing, indented_text_has_one_member_a_line) {
  assert_string_equal(Value::object().set("a", 1).dump_indented().c_str(), "{\n  \"a\": 1\n}");
}

TEST(Nothing, a_value_of_another_kind_is_none) {
  const Value text = Value::of("7");
  assert_false(text.as_int().has_value());
  assert_false(text.as_bool().has_value());
  assert_false(Value::of(7).as_text().has_value());
  assert_true(text.as_text() == "7");
}

TEST(Nothing, what_is_not_there_is_absent) {
  assert_false(Value::object().find("a").exists());
  assert_false(Value().find("a").exists());
  assert_true(Value().members().empty());
  assert_true(Value().elements().empty());
}

TEST(Nothing, null_is_there) {
  const auto parsed = parse(R"({"a":null})", kDepth);
  assert_true(parsed.value().find("a").exists());
  assert_true(parsed.value().find("a").is_null());
}

TEST(Nothing, copies_share_what_they_hold) {
  Value object = Value::object();
  const Value copy = object;
  object.set("a", 1);
  assert_int_equal(copy.find("a").as_int().value(), 1);
}

TEST(Nothing, a_member_that_is_taken_is_not_there_any_more) {
  Value value = Value::object().set("auth", "secret").set("target", "a/b");
  assert_true(value.take("auth").as_text() == "secret");
  assert_false(value.take("auth").exists());
  assert_string_equal(value.dump().c_str(), R"({"target":"a/b"})");
}

TEST(Nothing, what_is_not_json_is_refused) {
  for (const char* text : {"", "{", "{}{}", "{} x", "[1,]", "{'a':1}", "{\"a\"}", "nul", "\"a\"",
                           "{\"a\":\"\xff\"}", "{\"a\":\"\\u0000\"}"}) {
    const auto parsed = parse(text, kDepth);
    assert_false(parsed.ok());
    assert_int_equal(parsed.error().code, TOKMAN_E_INVALID_ARGUMENT);
  }
}

TEST(Nothing, a_name_given_twice_is_refused) {
  assert_false(parse(R"({"a":1,"a":2})", kDepth).ok());
}

TEST(Nothing, nesting_beyond_the_limit_is_refused_before_parsing) {
  assert_true(parse("[[1]]", 2).ok());
  assert_false(parse("[[[1]]]", 2).ok());
  assert_false(parse(std::string(1'000'000, '['), kDepth).ok());
}

TEST(Nothing, brackets_in_strings_are_no_nesting) { assert_true(parse(R"(["[[[\"[["])", 1).ok()); }

TEST(Nothing, an_error_does_not_repeat_the_text) {
  const auto parsed = parse(R"({"token":"ghs_hush)", kDepth);
  assert_true(parsed.error().message.find("hush") == std::string::npos);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Nothing, members_are_written_in_the_order_they_were_set),
      RUN(Nothing, an_absent_value_is_set_as_null),
      RUN(Nothing, lists_and_dictionaries_become_arrays_and_objects),
      RUN(Nothing, text_that_is_no_utf8_is_written_with_question_marks),
      RUN(Nothing, secret_text_is_the_same_text),
      RUN(Nothing, indented_text_has_one_member_a_line),
      RUN(Nothing, a_value_of_another_kind_is_none),
      RUN(Nothing, what_is_not_there_is_absent),
      RUN(Nothing, null_is_there),
      RUN(Nothing, copies_share_what_they_hold),
      RUN(Nothing, a_member_that_is_taken_is_not_there_any_more),
      RUN(Nothing, what_is_not_json_is_refused),
      RUN(Nothing, a_name_given_twice_is_refused),
      RUN(Nothing, nesting_beyond_the_limit_is_refused_before_parsing),
      RUN(Nothing, brackets_in_strings_are_no_nesting),
      RUN(Nothing, an_error_does_not_repeat_the_text),
  };
  return cmocka_run_group_tests_name("json value", tests, nullptr, nullptr);
}
