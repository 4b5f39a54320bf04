#include "libtokman/protocol/frame.h"

#include <string>
#include <vector>

#include "tests/support/cmocka_cpp.h"

using tokman::FrameReader;

namespace {

struct Stream {
  FrameReader reader{8};
  std::vector<std::string> frames;
  bool has_failed = false;

  // As a connection does: feeds, takes all that is whole, keeps the rest.
  void receive(std::string_view bytes) {
    reader.feed(bytes);
    for (;;) {
      const auto frame = reader.next_frame();
      if (!frame.ok()) {
        has_failed = true;
        return;
      }
      if (!frame.value()) return reader.keep_rest();
      frames.emplace_back(*frame.value());
    }
  }
};

using namespace std::string_view_literals;
constexpr std::string_view kThree = "one\0\0three\0"sv;

TEST(Stream, frames_arrive_in_order_wherever_the_bytes_are_split) {
  for (std::size_t at = 0; at <= kThree.size(); ++at) {
    Stream stream;
    stream.receive(kThree.substr(0, at));
    stream.receive(kThree.substr(at));
    assert_true((stream.frames == std::vector<std::string>{"one", "", "three"}));
  }
}

TEST(Stream, frames_arrive_byte_by_byte) {
  for (char byte : kThree) fixture.receive({&byte, 1});
  assert_true((fixture.frames == std::vector<std::string>{"one", "", "three"}));
}

TEST(Stream, a_frame_of_exactly_the_limit_is_accepted) {
  fixture.receive("12345678\0"sv);
  assert_int_equal(fixture.frames.size(), 1);
}

TEST(Stream, a_frame_above_the_limit_is_an_error_before_its_end_arrives) {
  fixture.receive("12345");
  assert_false(fixture.has_failed);
  fixture.receive("6789");
  assert_true(fixture.has_failed);
}

TEST(Stream, a_frame_that_is_too_long_stays_an_error) {
  fixture.receive("123456789\0"sv);
  assert_true(fixture.has_failed);
  assert_false(fixture.reader.next_frame().ok());
}

TEST(Stream, it_knows_whether_bytes_of_a_frame_have_arrived) {
  assert_false(fixture.reader.has_bytes());
  fixture.receive("on");
  assert_true(fixture.reader.has_bytes());
  fixture.receive("e\0"sv);
  assert_false(fixture.reader.has_bytes());
}

TEST(Stream, a_frame_in_two_parts_leaves_no_bytes_once_it_was_taken) {
  fixture.receive("on");
  fixture.reader.feed("e\0"sv);
  assert_true(fixture.reader.next_frame().value() == "one");
  assert_false(fixture.reader.has_bytes());
}

TEST(Stream, it_knows_whether_a_whole_frame_has_arrived) {
  fixture.receive("on");
  assert_false(fixture.reader.has_whole_frame());
  fixture.reader.feed("e\0tw"sv);
  assert_true(fixture.reader.has_whole_frame());
  assert_true(fixture.reader.next_frame().value() == "one");
  assert_false(fixture.reader.has_whole_frame());
}

TEST(Stream, whole_frames_may_be_kept_and_taken_later) {
  fixture.reader.feed(kThree);
  assert_true(fixture.reader.next_frame().value() == "one");
  fixture.reader.keep_rest();
  assert_true(fixture.reader.has_whole_frame());
  fixture.receive("four\0"sv);
  assert_true((fixture.frames == std::vector<std::string>{"", "three", "four"}));
}

TEST(Stream, a_frame_lives_until_the_next_call_only) {
  fixture.receive("on");
  fixture.reader.feed("e\0two\0"sv);
  assert_true(fixture.reader.next_frame().value() == "one");
  assert_true(fixture.reader.next_frame().value() == "two");
}

TEST(Stream, it_knows_which_frame_the_last_byte_belongs_to) {
  fixture.reader.feed("one\0two"sv);
  assert_int_equal(fixture.reader.frames_before_last_byte(), 1);
  assert_true(fixture.reader.next_frame().value() == "one");
  assert_int_equal(fixture.reader.frames_before_last_byte(), 0);
  fixture.reader.keep_rest();
  fixture.reader.feed("\0"sv);
  assert_int_equal(fixture.reader.frames_before_last_byte(), 0);
  fixture.reader.keep_rest();
  fixture.reader.feed("3\0four\0"sv);
  assert_int_equal(fixture.reader.frames_before_last_byte(), 2);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Stream, frames_arrive_in_order_wherever_the_bytes_are_split),
      RUN(Stream, frames_arrive_byte_by_byte),
      RUN(Stream, a_frame_of_exactly_the_limit_is_accepted),
      RUN(Stream, a_frame_above_the_limit_is_an_error_before_its_end_arrives),
      RUN(Stream, a_frame_that_is_too_long_stays_an_error),
      RUN(Stream, it_knows_whether_bytes_of_a_frame_have_arrived),
      RUN(Stream, a_frame_in_two_parts_leaves_no_bytes_once_it_was_taken),
      RUN(Stream, it_knows_whether_a_whole_frame_has_arrived),
      RUN(Stream, whole_frames_may_be_kept_and_taken_later),
      RUN(Stream, a_frame_lives_until_the_next_call_only),
      RUN(Stream, it_knows_which_frame_the_last_byte_belongs_to),
  };
  return cmocka_run_group_tests_name("frame", tests, nullptr, nullptr);
}
