// Ten thousand different tokens wanted at once: who gets one, when, and what the others are told.
#include <fmt/format.h>

#include <algorithm>

#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr int kKeys = 10'000;

struct ColdFixture : BrokerFixture {
  ColdFixture() {
    app.installations["octo-org"] = 42;
    for (int i = 0; i < kKeys; ++i) {
      const int priority = i * 7919 % 1001;
      TokenOrder wanted = order(fmt::format("{:04}-{:05}", 1000 - priority, i));
      wanted.priority = priority;
      wanted.timeout = 25s;
      start_asking(wanted);
    }
  }

  // In the order in which they were sent; the names sort as they should have been.
  std::vector<std::string> minted_repositories() const {
    std::vector<std::string> names;
    for (const HttpCall& call : loop.http.calls()) {
      const auto body = json::parse(call.body, 32);
      names.emplace_back(*body.value().find("repositories").elements().front().as_text());
    }
    return names;
  }
};

TEST(ColdFixture, the_budget_is_used_and_at_no_time_exceeded) {
  for (Instant::duration passed{}; passed < 25s; passed += 100ms) {
    fixture.loop.advance(0ms);
    assert_int_equal(fixture.mint_requests(), 60 + passed / 2s);
    fixture.loop.advance(100ms);
  }
}

TEST(ColdFixture, the_highest_priority_is_first_and_then_who_came_first) {
  fixture.loop.advance(25s);
  const auto names = fixture.minted_repositories();
  assert_true(std::is_sorted(names.begin(), names.end()));
  assert_string_equal(names.front().substr(0, 4).c_str(), "0000");
}

TEST(ColdFixture, everybody_has_a_token_or_is_told_when_to_come_back) {
  fixture.loop.advance(25s);
  int tokens = 0, refused = 0;
  for (const TokenCaller& caller : fixture.callers) {
    assert_int_equal(caller.answers, 1);
    if (caller.has_token()) ++tokens;
    if (caller.was_refused_with(TOKMAN_E_RATE_LIMITED) && caller.error->retry_after > 0ms) {
      ++refused;
    }
  }
  assert_int_equal(tokens, 72);
  assert_int_equal(tokens + refused, kKeys);
}

TEST(ColdFixture, nothing_is_minted_for_those_who_have_gone) {
  fixture.loop.advance(25s);
  const int requests = fixture.mint_requests();
  fixture.loop.advance(10min);
  assert_int_equal(fixture.mint_requests(), requests);
}

TEST(ColdFixture, who_is_told_to_wait_is_no_line_in_the_log) {
  fixture.loop.advance(25s);
  assert_true(fixture.lines.lines.size() < 200);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ColdFixture, the_budget_is_used_and_at_no_time_exceeded),
      RUN(ColdFixture, the_highest_priority_is_first_and_then_who_came_first),
      RUN(ColdFixture, everybody_has_a_token_or_is_told_when_to_come_back),
      RUN(ColdFixture, nothing_is_minted_for_those_who_have_gone),
      RUN(ColdFixture, who_is_told_to_wait_is_no_line_in_the_log),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
