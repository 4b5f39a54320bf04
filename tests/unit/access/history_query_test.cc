// GF-22: which entries a filter lets through, and what a cursor is.
#include "daemon/domain/access/history_query.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr UnixTime kNow{std::chrono::seconds(1'700'000'000)};

struct Filtered {
  HistoryFilter filter;
  HistoryEntry entry;

  Filtered() {
    entry.time = kNow;
    entry.action = HistoryAction::edit;
    entry.actor = {.name = "admin", .uid = 0, .gid = 5, .unit = "x.service", .ip = "192.0.2.1"};
    entry.token.key = "child";
    entry.token.parent = "parent";
    entry.token.type = TokenType::internal;
    entry.token.username = "packit";
  }
  bool passes() const { return filter.matches(entry); }
  // Whether the filter passes the entry as it is now, and not once it was changed by `change`.
  template <class Change>
  bool passes_until(Change change) {
    if (!passes()) return false;
    change(filter);
    return !passes();
  }
};

TEST(Filtered, an_empty_filter_lets_everything_through) { assert_true(fixture.passes()); }

TEST(Filtered, by_user) {
  fixture.filter.username = "packit";
  assert_true(fixture.passes_until([](HistoryFilter& filter) { filter.username = "packi"; }));
}

TEST(Filtered, by_key_of_the_token_or_of_its_parent_but_of_no_one_else) {
  fixture.filter.key = "child";
  assert_true(fixture.passes());
  fixture.filter.key = "parent";
  assert_true(fixture.passes());
  fixture.filter.key = "grandparent";
  assert_false(fixture.passes());
}

TEST(Filtered, by_the_keys_of_a_subtree) {
  fixture.filter.subtree = {"parent", "child"};
  assert_true(fixture.passes_until([](HistoryFilter& filter) { filter.subtree.erase("child"); }));
}

TEST(Filtered, by_actor) {
  fixture.filter.actor = "admin";
  assert_true(fixture.passes_until([](HistoryFilter& filter) { filter.actor = "packit"; }));
}

TEST(Filtered, by_the_actors_uid_gid_and_unit) {
  fixture.filter.uid = 0;
  assert_true(fixture.passes_until([](HistoryFilter& filter) { filter.uid = 1; }));
  fixture.filter.uid.reset();
  fixture.filter.gid = 5;
  assert_true(fixture.passes_until([](HistoryFilter& filter) { filter.gid = 6; }));
  fixture.filter.gid.reset();
  fixture.filter.unit = "x.service";
  assert_true(fixture.passes_until([](HistoryFilter& filter) { filter.unit = "y.service"; }));
}

TEST(Filtered, an_actor_without_a_uid_is_not_root) {
  fixture.entry.actor.uid.reset();
  fixture.filter.uid = 0;
  assert_false(fixture.passes());
}

TEST(Filtered, by_the_actors_address) {
  fixture.filter.address = AddressRange::parse("192.0.2.0/24");
  assert_true(fixture.passes_until(
      [](HistoryFilter& filter) { filter.address = AddressRange::parse("192.0.3.0/24"); }));
}

TEST(Filtered, an_actor_without_an_address_is_in_no_range) {
  fixture.entry.actor.ip = "";
  fixture.filter.address = AddressRange::parse("0.0.0.0/0");
  assert_false(fixture.passes());
}

TEST(Filtered, by_type_kind_and_action) {
  fixture.filter.types = {TokenType::internal, TokenType::session};
  assert_true(
      fixture.passes_until([](HistoryFilter& filter) { filter.types = {TokenType::session}; }));
  fixture.filter.types = {};
  fixture.filter.kinds = {HistoryKind::token};
  assert_true(
      fixture.passes_until([](HistoryFilter& filter) { filter.kinds = {HistoryKind::client}; }));
  fixture.filter.kinds = {};
  fixture.filter.actions = {HistoryAction::edit};
  assert_true(fixture.passes_until(
      [](HistoryFilter& filter) { filter.actions = {HistoryAction::revoke}; }));
}

TEST(Filtered, both_ends_of_a_time_span_belong_to_it) {
  fixture.filter.since = kNow;
  fixture.filter.until = kNow;
  assert_true(fixture.passes());
  fixture.filter.since = kNow + std::chrono::seconds(1);
  assert_false(fixture.passes());
  fixture.filter.since.reset();
  fixture.filter.until = kNow - std::chrono::seconds(1);
  assert_false(fixture.passes());
}

TEST(Filtered, an_entry_about_a_client_is_about_no_token) {
  fixture.entry = {};
  fixture.entry.kind = HistoryKind::client;
  fixture.entry.client = "worker";
  assert_true(fixture.passes());
  fixture.filter.client = "worker";
  assert_true(fixture.passes_until([](HistoryFilter& filter) { filter.client = "other"; }));
  fixture.filter = {.types = {TokenType::session}};
  assert_false(fixture.passes());
}

struct Cursor {
  static bool is_cursor(std::string_view text) { return parse_history_cursor(text).has_value(); }
};

TEST(Cursor, what_was_written_is_read_back) {
  for (const auto towards : {HistoryCursor::Towards::older, HistoryCursor::Towards::newer}) {
    const HistoryCursor cursor{{kNow, 42}, towards};
    assert_true(parse_history_cursor(cursor.text()) == cursor);
  }
  assert_string_equal((HistoryCursor{{kNow, 42}, {}}).text().c_str(), "1700000000_42");
}

TEST(Cursor, a_text_that_is_not_exactly_one_is_none) {
  const char* const malformed[] = {"",
                                   "p",
                                   "_",
                                   "1700000000",
                                   "1700000000_",
                                   "_42",
                                   "P1700000000_42",
                                   "pp1700000000_42",
                                   "1700000000_42 ",
                                   " 1700000000_42",
                                   "1700000000_42_1",
                                   "-1_42",
                                   "1_-42",
                                   "+1_42",
                                   "01_42",
                                   "1_042",
                                   "1.5_42",
                                   "0x1_42",
                                   "9223372036854775808_1",
                                   "1_9223372036854775808"};
  for (const char* text : malformed) assert_false(Cursor::is_cursor(text));
}

TEST(Cursor, the_greatest_numbers_are_numbers) {
  assert_true(Cursor::is_cursor("9223372036854775807_9223372036854775807"));
  assert_true(Cursor::is_cursor("0_0"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Filtered, an_empty_filter_lets_everything_through),
      RUN(Filtered, by_user),
      RUN(Filtered, by_key_of_the_token_or_of_its_parent_but_of_no_one_else),
      RUN(Filtered, by_the_keys_of_a_subtree),
      RUN(Filtered, by_actor),
      RUN(Filtered, by_the_actors_uid_gid_and_unit),
      RUN(Filtered, an_actor_without_a_uid_is_not_root),
      RUN(Filtered, by_the_actors_address),
      RUN(Filtered, an_actor_without_an_address_is_in_no_range),
      RUN(Filtered, by_type_kind_and_action),
      RUN(Filtered, both_ends_of_a_time_span_belong_to_it),
      RUN(Filtered, an_entry_about_a_client_is_about_no_token),
      RUN(Cursor, what_was_written_is_read_back),
      RUN(Cursor, a_text_that_is_not_exactly_one_is_none),
      RUN(Cursor, the_greatest_numbers_are_numbers),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
