// How events become lines, and that no value can forge one.
#include "daemon/base/log.h"

#include "tests/support/captured_log.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct LogFixture {
  CapturedLog sink;
  Log log{sink};

  // The line for one value.
  std::string line_for(std::string_view value) {
    log.info("e", {{"key", value}});
    return sink.lines.back();
  }
};

TEST(LogFixture, a_line_is_key_value_pairs_with_the_event_first) {
  fixture.log.info("token minted", {{"app", "ci"}, {"installation", std::int64_t{7}}});
  assert_string_equal(fixture.sink.lines.back().c_str(),
                      "event=\"token minted\" app=ci installation=7");
}

TEST(LogFixture, a_value_of_one_word_stands_as_it_is) {
  assert_string_equal(fixture.line_for("octo-org/hello-world").c_str(),
                      "event=e key=octo-org/hello-world");
}

TEST(LogFixture, an_empty_value_is_quoted) {
  assert_string_equal(fixture.line_for("").c_str(), "event=e key=\"\"");
}

TEST(LogFixture, a_value_with_a_space_is_quoted) {
  assert_string_equal(fixture.line_for("a b").c_str(), "event=e key=\"a b\"");
}

TEST(LogFixture, quotes_and_backslashes_are_escaped) {
  assert_string_equal(fixture.line_for("a\"\\").c_str(), R"(event=e key="a\"\\")");
}

TEST(LogFixture, a_value_cannot_look_like_another_field) {
  assert_string_equal(fixture.line_for("x=y").c_str(), "event=e key=\"x=y\"");
}

TEST(LogFixture, a_newline_cannot_forge_a_line) {
  assert_string_equal(fixture.line_for("x\nevent=forged").c_str(),
                      R"(event=e key="x\x0aevent=forged")");
}

TEST(LogFixture, a_newline_in_the_event_cannot_forge_a_line) {
  fixture.log.info("a\nb");
  assert_string_equal(fixture.sink.lines.back().c_str(), R"(event="a\x0ab")");
}

TEST(LogFixture, control_characters_are_written_as_numbers) {
  assert_string_equal(fixture.line_for("\x1b[2J\x7f").c_str(), R"(event=e key="\x1b[2J\x7f")");
}

TEST(LogFixture, letters_beyond_ascii_stand_as_they_are) {
  assert_string_equal(fixture.line_for("caf\xc3\xa9").c_str(), "event=e key=caf\xc3\xa9");
}

TEST(LogFixture, a_value_of_1024_bytes_is_whole) {
  const std::string value(1024, 'x');
  assert_string_equal(fixture.line_for(value).c_str(), ("event=e key=" + value).c_str());
}

TEST(LogFixture, a_longer_value_is_cut_and_says_so) {
  const std::string line = fixture.line_for(std::string(5000, 'x'));
  assert_string_equal(line.c_str(), ("event=e key=" + std::string(1024, 'x') + "...").c_str());
}

TEST(LogFixture, an_event_below_the_level_is_not_written) {
  fixture.log.debug("e");
  assert_int_equal(fixture.sink.lines.size(), 0);
}

TEST(LogFixture, the_level_can_be_changed) {
  fixture.log.set_level(LogLevel::debug);
  fixture.log.debug("e");
  assert_int_equal(fixture.sink.lines.size(), 1);
}

TEST(LogFixture, each_line_carries_its_level) {
  fixture.log.error("e");
  fixture.log.warning("e");
  fixture.log.info("e");
  assert_true(fixture.sink.levels ==
              (std::vector{LogLevel::error, LogLevel::warning, LogLevel::info}));
}

TEST(LogFixture, audit_lines_are_written_at_every_level) {
  fixture.log.set_level(LogLevel::error);
  const LogField fields[] = {{"principal", "uid 1000"}};
  fixture.log.audit("token-given", fields);
  assert_string_equal(fixture.sink.audit_lines.back().c_str(),
                      "audit=token-given principal=\"uid 1000\"");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(LogFixture, a_line_is_key_value_pairs_with_the_event_first),
      RUN(LogFixture, a_value_of_one_word_stands_as_it_is),
      RUN(LogFixture, an_empty_value_is_quoted),
      RUN(LogFixture, a_value_with_a_space_is_quoted),
      RUN(LogFixture, quotes_and_backslashes_are_escaped),
      RUN(LogFixture, a_value_cannot_look_like_another_field),
      RUN(LogFixture, a_newline_cannot_forge_a_line),
      RUN(LogFixture, a_newline_in_the_event_cannot_forge_a_line),
      RUN(LogFixture, control_characters_are_written_as_numbers),
      RUN(LogFixture, letters_beyond_ascii_stand_as_they_are),
      RUN(LogFixture, a_value_of_1024_bytes_is_whole),
      RUN(LogFixture, a_longer_value_is_cut_and_says_so),
      RUN(LogFixture, an_event_below_the_level_is_not_written),
      RUN(LogFixture, the_level_can_be_changed),
      RUN(LogFixture, each_line_carries_its_level),
      RUN(LogFixture, audit_lines_are_written_at_every_level),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
