// Who got what and who was refused: one line each, and nothing lost.
#include "daemon/services/audit/audit_log.h"

#include "tests/support/captured_log.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/support/test_loop.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct AuditFixture {
  AuditFixture() {
    entry.app = "ci";
    entry.target = "octo-org/hello-world";
    entry.installation_id = 42;
    entry.token = std::make_unique<ReadyToken>();
    entry.token->fingerprint = "abc";
    entry.token->expires_at = FakeClock::kStart + 1h;
  }

  TestLoop loop;
  CapturedLog lines;
  Log log{lines, LogLevel::error};
  std::unique_ptr<AuditLog> audit = std::make_unique<AuditLog>(log, loop.clock, loop.timers);
  CacheEntry entry;

  void give(int times, const std::string& principal = "packit", const std::string& grant = "g") {
    for (int i = 0; i < times; ++i) audit->token_given(entry, principal, grant);
  }
  void refuse(int times, const std::string& principal = "mallory") {
    const Error error{TOKMAN_E_DENIED, "no grant allows this"};
    for (int i = 0; i < times; ++i) {
      audit->refused({principal, "io.tokman.GitHub.GetToken", "octo-org/secret", error});
    }
  }
  std::string last_line() const { return lines.audit_lines.back(); }
  std::size_t line_count() const { return lines.audit_lines.size(); }
};

TEST(AuditFixture, the_first_receipt_says_who_got_what_and_why) {
  fixture.give(1);
  assert_string_equal(fixture.last_line().c_str(),
                      "audit=token-given principal=packit grant=g app=ci "
                      "target=octo-org/hello-world installation=42 fingerprint=abc "
                      "expires_at=2027-01-15T09:00:00Z");
}

TEST(AuditFixture, the_same_token_again_writes_nothing) {
  fixture.give(1000);
  assert_int_equal(fixture.line_count(), 1);
}

TEST(AuditFixture, another_principals_first_receipt_is_written) {
  fixture.give(2, "packit");
  fixture.give(2, "mona");
  assert_int_equal(fixture.line_count(), 2);
}

TEST(AuditFixture, the_same_principal_by_another_grant_is_written) {
  fixture.give(1, "packit", "g");
  fixture.give(1, "packit", "h");
  assert_int_equal(fixture.line_count(), 2);
}

TEST(AuditFixture, the_end_says_how_often_it_was_given_and_why_it_ended) {
  fixture.give(7);
  fixture.audit->token_ended(fixture.entry, "renewed");
  assert_string_equal(fixture.last_line().c_str(),
                      "audit=token-ended principal=packit grant=g app=ci "
                      "target=octo-org/hello-world fingerprint=abc times=7 reason=renewed");
}

TEST(AuditFixture, the_end_is_written_for_each_who_got_it) {
  fixture.give(1, "packit");
  fixture.give(1, "mona");
  fixture.audit->token_ended(fixture.entry, "expired");
  assert_int_equal(fixture.lines.count("audit=token-ended"), 2);
}

TEST(AuditFixture, the_end_of_a_token_that_nobody_got_writes_nothing) {
  fixture.audit->token_ended(fixture.entry, "expired");
  assert_int_equal(fixture.line_count(), 0);
}

TEST(AuditFixture, beyond_256_principals_each_receipt_has_its_own_line) {
  for (int i = 0; i < 256; ++i) fixture.give(1, std::to_string(i));
  fixture.give(3, "one more");
  assert_int_equal(fixture.line_count(), 259);
}

TEST(AuditFixture, a_refusal_says_who_what_and_why) {
  fixture.refuse(1);
  assert_string_equal(fixture.last_line().c_str(),
                      "audit=refused principal=mallory method=io.tokman.GitHub.GetToken "
                      "target=octo-org/secret error=io.tokman.Denied "
                      "message=\"no grant allows this\" left_out=0");
}

TEST(AuditFixture, ten_refusals_a_minute_are_written) {
  fixture.refuse(100);
  assert_int_equal(fixture.line_count(), 10);
}

TEST(AuditFixture, every_refusal_is_counted) {
  fixture.refuse(100);
  assert_int_equal(fixture.audit->refusals(), 100);
}

TEST(AuditFixture, those_left_out_are_told_when_the_minute_is_over) {
  fixture.refuse(25);
  fixture.loop.advance(1min);
  assert_string_equal(fixture.last_line().c_str(),
                      "audit=refusals-left-out principal=mallory left_out=15");
}

TEST(AuditFixture, nothing_is_told_when_none_was_left_out) {
  fixture.refuse(10);
  fixture.loop.advance(1h);
  assert_int_equal(fixture.line_count(), 10);
}

TEST(AuditFixture, refusals_that_go_on_lose_none) {
  std::uint64_t told = 0;
  for (int minute = 0; minute < 10; ++minute) {
    fixture.refuse(100);
    fixture.loop.advance(61s);
  }
  fixture.audit->flush();
  for (const std::string& line : fixture.lines.audit_lines) {
    if (line.find("audit=refused") == 0) ++told;
    told += std::stoull(line.substr(line.rfind('=') + 1));
  }
  assert_int_equal(told, 1000);
}

TEST(AuditFixture, without_refusals_no_timer_is_set) {
  fixture.refuse(1);
  fixture.loop.advance(10min);
  assert_false(fixture.loop.timers.next_due().has_value());
}

TEST(AuditFixture, a_flush_tells_at_once) {
  fixture.refuse(25);
  fixture.audit->flush();
  assert_string_equal(fixture.last_line().c_str(),
                      "audit=refusals-left-out principal=mallory left_out=15");
}

TEST(AuditFixture, a_refused_target_cannot_forge_a_line) {
  const Error error{TOKMAN_E_DENIED, "no"};
  const std::string principal = "mallory";
  fixture.audit->refused({principal, "m", "x\naudit=token-given principal=root", error});
  assert_true(fixture.last_line().find('\n') == std::string::npos);
}

TEST(AuditFixture, what_an_administrator_did_is_written) {
  fixture.audit->acted("root", "io.tokman.Daemon.Reload");
  assert_string_equal(fixture.last_line().c_str(),
                      "audit=acted principal=root method=io.tokman.Daemon.Reload");
}

TEST(AuditFixture, nothing_is_told_once_it_is_destroyed) {
  fixture.refuse(25);
  fixture.audit.reset();
  fixture.loop.advance(1min);
  assert_int_equal(fixture.lines.count("refusals-left-out"), 0);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(AuditFixture, the_first_receipt_says_who_got_what_and_why),
      RUN(AuditFixture, the_same_token_again_writes_nothing),
      RUN(AuditFixture, another_principals_first_receipt_is_written),
      RUN(AuditFixture, the_same_principal_by_another_grant_is_written),
      RUN(AuditFixture, the_end_says_how_often_it_was_given_and_why_it_ended),
      RUN(AuditFixture, the_end_is_written_for_each_who_got_it),
      RUN(AuditFixture, the_end_of_a_token_that_nobody_got_writes_nothing),
      RUN(AuditFixture, beyond_256_principals_each_receipt_has_its_own_line),
      RUN(AuditFixture, a_refusal_says_who_what_and_why),
      RUN(AuditFixture, ten_refusals_a_minute_are_written),
      RUN(AuditFixture, every_refusal_is_counted),
      RUN(AuditFixture, those_left_out_are_told_when_the_minute_is_over),
      RUN(AuditFixture, nothing_is_told_when_none_was_left_out),
      RUN(AuditFixture, refusals_that_go_on_lose_none),
      RUN(AuditFixture, without_refusals_no_timer_is_set),
      RUN(AuditFixture, a_flush_tells_at_once),
      RUN(AuditFixture, a_refused_target_cannot_forge_a_line),
      RUN(AuditFixture, what_an_administrator_did_is_written),
      RUN(AuditFixture, nothing_is_told_once_it_is_destroyed),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
