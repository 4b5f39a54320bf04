#include "libtokman/client/connection.h"

#include <string>

#include "tests/support/cmocka_cpp.h"
#include "tests/unit/libtokman/fake_daemon.h"

using tokman::Connection;
using tokman::Deadline;
using tokman::FakeDaemon;
using tokman::Fd;
using tokman::Outcome;
using tokman::token_reply;

namespace {

struct Line {
  FakeDaemon daemon;
  Connection connection;

  Outcome exchange() {
    if (!connection.is_usable()) connection.open(daemon.socket());
    return connection.exchange(std::string_view("{}\0", 3), Fd(), Deadline::in_ms(10'000));
  }
};

TEST(Line, a_reply_is_given_without_its_nul) {
  assert_true(fixture.exchange() == Outcome::replied);
  assert_true(std::string(fixture.connection.reply()) + '\0' == token_reply());
}

TEST(Line, a_reply_is_wiped_after_use) {
  fixture.exchange();
  const std::string_view reply = fixture.connection.reply();
  fixture.connection.wipe_reply();
  assert_true(fixture.connection.reply().empty());
  assert_true(reply == std::string(reply.size(), '\0'));
}

TEST(Line, what_came_of_a_reply_is_wiped_when_the_rest_does_not_come) {
  fixture.exchange();
  const char* where = fixture.connection.reply().data();
  fixture.daemon.will_answer_and_hang_up(token_reply().substr(0, 80));
  assert_true(fixture.exchange() == Outcome::broken);
  fixture.connection.close();
  assert_true(std::string_view(where, 80) == std::string(80, '\0'));
}

TEST(Line, a_large_reply_leaves_no_large_buffer) {
  fixture.daemon.will_answer(token_reply(std::string(1'000'000, 'x')));
  assert_true(fixture.exchange() == Outcome::replied);
  fixture.connection.wipe_reply();
  assert_true(fixture.exchange() == Outcome::replied);
  assert_true(std::string(fixture.connection.reply()) + '\0' == token_reply());
}

TEST(Line, it_knows_whether_the_daemon_may_have_seen_anything) {
  fixture.daemon.will_hang_up();
  assert_true(fixture.exchange() == Outcome::broken);
  assert_true(fixture.connection.has_sent_any());
  fixture.daemon.stop();
  assert_true(fixture.exchange() == Outcome::broken);
  assert_false(fixture.connection.has_sent_any());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Line, a_reply_is_given_without_its_nul),
      RUN(Line, a_reply_is_wiped_after_use),
      RUN(Line, what_came_of_a_reply_is_wiped_when_the_rest_does_not_come),
      RUN(Line, a_large_reply_leaves_no_large_buffer),
      RUN(Line, it_knows_whether_the_daemon_may_have_seen_anything),
  };
  return cmocka_run_group_tests_name("connection", tests, nullptr, nullptr);
}
