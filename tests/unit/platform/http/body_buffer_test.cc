#include "daemon/platform/http/body_buffer.h"

#include <string>

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

struct Gathering {
  BodyBuffer buffer{10'000};
};

TEST(Gathering, parts_are_joined) {
  assert_true(fixture.buffer.append("one "));
  assert_true(fixture.buffer.append("two"));
  assert_true(fixture.buffer.take().reveal() == "one two");
}

TEST(Gathering, growing_keeps_what_was_there) {
  std::string expected;
  for (int i = 0; i < 9'000; ++i) {
    const char letter = static_cast<char>('a' + i % 26);
    expected += letter;
    assert_true(fixture.buffer.append({&letter, 1}));
  }
  assert_true(fixture.buffer.take().reveal() == expected);
}

TEST(Gathering, a_body_may_reach_the_limit) {
  assert_true(fixture.buffer.append(std::string(10'000, 'x')));
  assert_int_equal(fixture.buffer.take().size(), 10'000);
}

TEST(Gathering, a_body_may_not_exceed_the_limit) {
  assert_true(fixture.buffer.append(std::string(9'999, 'x')));
  assert_false(fixture.buffer.append("xx"));
}

TEST(Gathering, taking_leaves_nothing) {
  assert_true(fixture.buffer.append("one"));
  fixture.buffer.take();
  assert_true(fixture.buffer.take().empty());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Gathering, parts_are_joined),           RUN(Gathering, growing_keeps_what_was_there),
      RUN(Gathering, a_body_may_reach_the_limit), RUN(Gathering, a_body_may_not_exceed_the_limit),
      RUN(Gathering, taking_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
