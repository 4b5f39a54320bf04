// What the audit log says of a token from its first receipt to its end.
#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct TrailFixture : BrokerFixture {
  // Asks for a token and is given it, as a session does.
  void give(const TokenOrder& wanted) {
    const TokenCaller& caller = ask(wanted);
    assert_true(caller.has_token());
    running->audit.token_given(*caller.entry, "packit", "g");
  }
  void give(int times = 1) {
    for (int i = 0; i < times; ++i) give(order());
  }
  std::size_t given() const { return lines.count("audit=token-given"); }
  std::string end() const { return lines.line_with("audit=token-ended"); }
  bool ended_as(std::string_view text) const { return end().find(text) != std::string::npos; }
};

TEST(TrailFixture, a_token_given_again_and_again_has_one_line) {
  fixture.give(100);
  assert_int_equal(fixture.given(), 1);
}

TEST(TrailFixture, a_token_that_is_minted_but_not_given_has_none) {
  fixture.ask();
  fixture.loop.advance(1h);
  assert_int_equal(fixture.lines.audit_lines.size(), 0);
}

TEST(TrailFixture, the_line_names_the_token_as_githubs_audit_log_does) {
  fixture.give();
  const std::string fingerprint = fixture.callers.back().fingerprint;
  const std::string line = fixture.lines.line_with("audit=token-given");
  assert_true(line.find("fingerprint=\"" + fingerprint + "\"") != std::string::npos);
}

TEST(TrailFixture, a_renewed_token_ends_with_how_often_it_was_given) {
  fixture.give(7);
  fixture.loop.advance(45min);
  assert_true(fixture.ended_as("times=7 reason=renewed"));
}

TEST(TrailFixture, the_end_names_the_old_token_not_the_new_one) {
  fixture.give();
  const std::string fingerprint = fixture.callers.back().fingerprint;
  fixture.loop.advance(45min);
  assert_true(fixture.ended_as(fingerprint));
}

TEST(TrailFixture, the_first_receipt_of_the_new_token_has_its_own_line) {
  fixture.give(3);
  fixture.loop.advance(45min);
  fixture.give(3);
  assert_int_equal(fixture.given(), 2);
}

TEST(TrailFixture, an_expired_token_ends) {
  fixture.app_is_configured = false;
  fixture.give(3);
  fixture.loop.advance(1h);
  assert_true(fixture.ended_as("times=3 reason=expired"));
}

TEST(TrailFixture, an_evicted_token_ends) {
  fixture.cache_entries_max = 1;
  fixture.restart();
  fixture.give();
  fixture.give(fixture.order("spoon-knife"));
  assert_true(fixture.ended_as("times=1 reason=evicted"));
}

TEST(TrailFixture, a_suspended_installations_token_ends) {
  fixture.give();
  fixture.github.accounts["octo-org"].is_suspended = true;
  fixture.ask(fixture.order("spoon-knife"));
  assert_true(fixture.ended_as("times=1 reason=installation-gone"));
}

TEST(TrailFixture, tokens_end_when_the_daemon_stops) {
  fixture.give(2);
  fixture.broker().stop();
  assert_true(fixture.ended_as("times=2 reason=shutdown"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(TrailFixture, a_token_given_again_and_again_has_one_line),
      RUN(TrailFixture, a_token_that_is_minted_but_not_given_has_none),
      RUN(TrailFixture, the_line_names_the_token_as_githubs_audit_log_does),
      RUN(TrailFixture, a_renewed_token_ends_with_how_often_it_was_given),
      RUN(TrailFixture, the_end_names_the_old_token_not_the_new_one),
      RUN(TrailFixture, the_first_receipt_of_the_new_token_has_its_own_line),
      RUN(TrailFixture, an_expired_token_ends),
      RUN(TrailFixture, an_evicted_token_ends),
      RUN(TrailFixture, a_suspended_installations_token_ends),
      RUN(TrailFixture, tokens_end_when_the_daemon_stops),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
