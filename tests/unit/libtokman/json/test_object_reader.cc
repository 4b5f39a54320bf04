#include "libtokman/json/object_reader.h"

#include "tests/support/cmocka_cpp.h"

using tokman::Done;
using tokman::Result;
using tokman::SecretBytes;
using tokman::json::ObjectReader;
using tokman::json::Value;

namespace {

// Reads one member named "value" into a T, from the text of an object.
struct Reading {
  Value object;
  std::string error;

  template <class T>
  T read(const char* text) {
    object = std::move(tokman::json::parse(text, 16)).value();
    T out{};
    ObjectReader reader(object);
    const Result<Done> read = reader.field("value", out).finish();
    error = read.ok() ? "" : read.error().message;
    return out;
  }
};

TEST(Reading, members_of_every_kind_are_read) {
  assert_string_equal(fixture.read<std::string>(R"({"value":"x"})").c_str(), "x");
  assert_int_equal(fixture.read<std::int64_t>(R"({"value":-7})"), -7);
  assert_true(fixture.read<bool>(R"({"value":true})"));
  assert_int_equal(fixture.read<std::vector<std::string>>(R"({"value":["a","b"]})").size(), 2);
  assert_string_equal(
      (fixture.read<std::map<std::string, std::string>>(R"({"value":{"k":"v"}})")["k"].c_str()),
      "v");
  assert_true(fixture.read<SecretBytes>(R"({"value":"hush"})").reveal() == "hush");
  assert_true(fixture.read<Value>(R"({"value":[]})").is_array());
  assert_string_equal(fixture.error.c_str(), "");
}

TEST(Reading, a_member_of_another_kind_is_named_with_what_it_must_be) {
  fixture.read<std::string>(R"({"value":1})");
  assert_string_equal(fixture.error.c_str(), "'value' must be a string");
  fixture.read<std::int64_t>(R"({"value":1.5})");
  assert_string_equal(fixture.error.c_str(), "'value' must be a whole number");
  fixture.read<bool>(R"({"value":0})");
  assert_string_equal(fixture.error.c_str(), "'value' must be true or false");
  fixture.read<std::vector<std::string>>(R"({"value":["a",1]})");
  assert_string_equal(fixture.error.c_str(), "'value' must be a list of strings");
  fixture.read<std::map<std::string, std::string>>(R"({"value":{"a":1}})");
  assert_string_equal(fixture.error.c_str(), "'value' must be an object of strings");
}

TEST(Reading, a_missing_or_null_member_is_an_error) {
  fixture.read<std::string>("{}");
  assert_string_equal(fixture.error.c_str(), "'value' is missing");
  fixture.read<std::string>(R"({"value":null})");
  assert_string_equal(fixture.error.c_str(), "'value' is missing");
}

TEST(Reading, an_optional_member_may_be_missing_or_null) {
  assert_false(fixture.read<std::optional<std::string>>("{}").has_value());
  assert_false(fixture.read<std::optional<std::string>>(R"({"value":null})").has_value());
  assert_true(fixture.read<std::optional<std::string>>(R"({"value":""})").has_value());
  assert_string_equal(fixture.error.c_str(), "");
}

TEST(Reading, an_optional_member_of_another_kind_is_an_error) {
  fixture.read<std::optional<std::int64_t>>(R"({"value":"1"})");
  assert_string_equal(fixture.error.c_str(), "'value' must be a whole number");
}

TEST(Reading, an_unknown_member_is_refused_with_the_nearest_name) {
  fixture.read<std::optional<std::string>>(R"({"valeu":"x"})");
  assert_string_equal(fixture.error.c_str(), "'valeu' is not known; did you mean 'value'?");
  fixture.read<std::optional<std::string>>(R"({"something":"x"})");
  assert_string_equal(fixture.error.c_str(), "'something' is not known");
}

TEST(Reading, an_unknown_member_can_be_ignored) {
  const Value object = Value::object().set("new", 1);
  assert_true(ObjectReader(object).ignoring_unknown().finish().ok());
}

TEST(Reading, the_error_names_its_field) {
  const Value object = Value::object().set("b", 1);
  std::string text;
  ObjectReader reader(object);
  assert_string_equal(reader.field("b", text).finish().error().field.c_str(), "b");
}

TEST(Reading, the_first_mistake_is_the_one_reported) {
  const Value object = Value::object().set("a", 1).set("b", 2);
  std::string first, second;
  ObjectReader reader(object);
  assert_string_equal(reader.field("a", first).field("b", second).finish().error().field.c_str(),
                      "a");
}

TEST(Reading, an_absent_value_counts_as_an_empty_object) {
  const Value absent;
  std::optional<std::string> text;
  assert_true(ObjectReader(absent).field("a", text).finish().ok());
}

TEST(Reading, an_array_is_no_object) {
  const Value array = Value::array();
  assert_string_equal(ObjectReader(array).finish().error().message.c_str(),
                      "must be a JSON object");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Reading, members_of_every_kind_are_read),
      RUN(Reading, a_member_of_another_kind_is_named_with_what_it_must_be),
      RUN(Reading, a_missing_or_null_member_is_an_error),
      RUN(Reading, an_optional_member_may_be_missing_or_null),
      RUN(Reading, an_optional_member_of_another_kind_is_an_error),
      RUN(Reading, an_unknown_member_is_refused_with_the_nearest_name),
      RUN(Reading, an_unknown_member_can_be_ignored),
      RUN(Reading, the_error_names_its_field),
      RUN(Reading, the_first_mistake_is_the_one_reported),
      RUN(Reading, an_absent_value_counts_as_an_empty_object),
      RUN(Reading, an_array_is_no_object),
  };
  return cmocka_run_group_tests_name("object reader", tests, nullptr, nullptr);
}
