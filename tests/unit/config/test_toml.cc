// TOML text as raw configuration.
#include "daemon/platform/toml/toml_text.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct TomlFixture {
  ParsedToml parsed;

  const RawTable& root() const { return std::get<RawTable>(parsed.root.content); }
  std::string key(std::size_t index) const {
    const auto& [key, value] = root()[index];
    return key;
  }
  const RawValue& raw(std::size_t index) const {
    const auto& [key, value] = root()[index];
    return value;
  }
  template <class Value>
  const Value& value_of(std::size_t index) const {
    return std::get<Value>(raw(index).content);
  }
};

TEST(TomlFixture, every_kind_of_value_is_read) {
  fixture.parsed = parse_toml("a = 'x'\nb = -3\nc = true\nd = 0.5\ne = [1]\n[f]\n", "f");
  assert_string_equal(fixture.value_of<std::string>(0).c_str(), "x");
  assert_int_equal(fixture.value_of<std::int64_t>(1), -3);
  assert_true(fixture.value_of<bool>(2));
  assert_true(fixture.value_of<double>(3) > 0.4);
  assert_int_equal(fixture.value_of<RawList>(4).size(), 1);
  assert_true(fixture.value_of<RawTable>(5).empty());
}

TEST(TomlFixture, keys_keep_the_order_of_the_file) {
  fixture.parsed = parse_toml("z = 1\na = 2\n", "f");
  assert_string_equal(fixture.key(0).c_str(), "z");
}

TEST(TomlFixture, a_value_has_the_line_of_its_key) {
  fixture.parsed = parse_toml("\n\nkey = 'x'\n", "some.toml");
  assert_int_equal(fixture.raw(0).place.line, 3);
  assert_string_equal(fixture.raw(0).place.file.c_str(), "some.toml");
}

TEST(TomlFixture, an_element_has_its_own_line) {
  fixture.parsed = parse_toml("list = [\n  1,\n  2,\n]\n", "f");
  assert_int_equal(fixture.value_of<RawList>(0)[1].place.line, 3);
}

TEST(TomlFixture, a_table_in_a_list_has_the_line_of_its_header) {
  fixture.parsed = parse_toml("[[app]]\nname = 'a'\n\n[[app]]\nname = 'b'\n", "f");
  assert_int_equal(fixture.value_of<RawList>(0)[1].place.line, 4);
}

TEST(TomlFixture, a_syntax_error_has_its_line) {
  fixture.parsed = parse_toml("a = 1\nb = = 2\n", "f");
  assert_int_equal(fixture.parsed.problems.size(), 1);
  assert_int_equal(fixture.parsed.problems[0].place.line, 2);
}

TEST(TomlFixture, a_key_that_is_there_twice_is_an_error) {
  fixture.parsed = parse_toml("a = 1\na = 2\n", "f");
  assert_int_equal(fixture.parsed.problems[0].place.line, 2);
}

TEST(TomlFixture, bytes_that_are_not_utf8_are_an_error) {
  fixture.parsed = parse_toml("a = '\xff\xfe'\n", "f");
  assert_int_equal(fixture.parsed.problems.size(), 1);
}

TEST(TomlFixture, a_date_is_refused) {
  fixture.parsed = parse_toml("\napi_version = 2022-11-28\n", "f");
  assert_int_equal(fixture.parsed.problems[0].place.line, 2);
}

TEST(TomlFixture, deep_nesting_is_refused) {
  fixture.parsed = parse_toml("a = " + std::string(40, '[') + std::string(40, ']'), "f");
  assert_int_equal(fixture.parsed.problems.size(), 1);
}

TEST(TomlFixture, the_root_is_empty_after_an_error) {
  fixture.parsed = parse_toml("a = 1\nb = 2022-11-28\n", "f");
  assert_true(fixture.root().empty());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(TomlFixture, every_kind_of_value_is_read),
      RUN(TomlFixture, keys_keep_the_order_of_the_file),
      RUN(TomlFixture, a_value_has_the_line_of_its_key),
      RUN(TomlFixture, an_element_has_its_own_line),
      RUN(TomlFixture, a_table_in_a_list_has_the_line_of_its_header),
      RUN(TomlFixture, a_syntax_error_has_its_line),
      RUN(TomlFixture, a_key_that_is_there_twice_is_an_error),
      RUN(TomlFixture, bytes_that_are_not_utf8_are_an_error),
      RUN(TomlFixture, a_date_is_refused),
      RUN(TomlFixture, deep_nesting_is_refused),
      RUN(TomlFixture, the_root_is_empty_after_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
