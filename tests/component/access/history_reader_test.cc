// What callers read of the history: the right entries, page after page, in both directions.
// GF-22, X-23.
#include "daemon/services/access/history_reader.h"

#include <algorithm>

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr UnixTime kNow{std::chrono::seconds(1'700'000'000)};
constexpr const char* kKey = "AAAAAAAAAAAAAAAAAAAAAA";
constexpr const char* kChildKey = "BBBBBBBBBBBBBBBBBBBBBA";
constexpr const char* kGrandchildKey = "CCCCCCCCCCCCCCCCCCCCCA";

struct HistoryPages : StoreWorld {
  HistoryTable table{*database};
  HistoryReader reader{*database, background};
  OperationPtr operation;

  void append(const HistoryEntry& entry) {
    const Result<Done> done =
        database->store().write([&](WriteTxn& txn) { return table.append(txn, entry); });
    if (!done.ok()) std::abort();
  }
  // Entry number i (from 1) says so in its token's name; three in every second.
  void fill(int entries, const std::string& username = "packit") {
    const Result<Done> done = database->store().write([&](WriteTxn& txn) {
      Result<Done> appended = Done{};
      for (int i = 1; i <= entries && appended.ok(); ++i) {
        HistoryEntry entry;
        entry.time = kNow + std::chrono::seconds(i / 3);
        entry.token.username = username;
        entry.token.key = kKey;
        appended = table.append(txn, entry);
      }
      return appended;
    });
    if (!done.ok()) std::abort();
  }
  void about(const std::string& key, const std::string& parent,
             const std::string& username = "packit") {
    HistoryEntry entry;
    entry.time = kNow;
    entry.token.key = key;
    entry.token.parent = parent;
    entry.token.username = username;
    append(entry);
  }
  // Two entries more, and the oldest three less.
  void move_on() {
    const Result<Done> done = database->store().write([&](WriteTxn& txn) {
      std::vector<HistoryPlace> oldest;
      const auto visit = [&](HistoryPlace place) {
        oldest.push_back(place);
        return oldest.size() < 3;
      };
      (void)table.walk_forward(txn, table.by_time(), {}, visit);
      for (const HistoryPlace place : oldest) (void)table.remove(txn, place);
      HistoryEntry entry;
      entry.token.key = kChildKey;
      (void)table.append(txn, entry);
      return table.append(txn, entry);
    });
    if (!done.ok()) std::abort();
  }

  Result<HistoryPage> ask(HistoryQuery query) {
    Result<HistoryPage> answer = Error{TOKMAN_E_INTERNAL, "not called back"};
    operation =
        reader.read(std::move(query), [&](Result<HistoryPage> page) { answer = std::move(page); });
    write_all();
    return answer;
  }
  HistoryPage page(const HistoryQuery& query) { return ask(query).value(); }

  static std::string numbers(const HistoryPage& page) {
    std::string text;
    for (const HistoryRow& row : page.rows) {
      text += (text.empty() ? "" : " ") + std::to_string(row.place.number);
    }
    return text;
  }
  std::string numbers(const HistoryFilter& filter) { return numbers(page({.filter = filter})); }
};

TEST(HistoryPages, the_newest_entry_comes_first) {
  fixture.fill(5);
  assert_string_equal(fixture.numbers(HistoryFilter{}).c_str(), "5 4 3 2 1");
}

TEST(HistoryPages, an_empty_history_is_an_empty_page_without_cursors) {
  const HistoryPage page = fixture.page({.wants_total = true});
  assert_true(page.rows.empty() && !page.next && !page.prev);
  assert_int_equal(page.total.value(), 0);
}

TEST(HistoryPages, a_page_has_100_entries_unless_the_caller_wants_otherwise) {
  fixture.fill(101);
  assert_int_equal(fixture.page({}).rows.size(), 100);
  assert_int_equal(fixture.page({.limit = 101}).rows.size(), 101);
}

TEST(HistoryPages, pages_of_5_forward_by_next_have_the_page_before_them_at_prev) {
  fixture.fill(23);
  HistoryQuery query{.limit = 5};
  HistoryPage before = fixture.page(query);
  assert_false(before.prev.has_value());
  int seen = 5;
  while (before.next) {
    query.cursor = before.next;
    const HistoryPage page = fixture.page(query);
    query.cursor = page.prev;
    assert_string_equal(HistoryPages::numbers(fixture.page(query)).c_str(),
                        HistoryPages::numbers(before).c_str());
    seen += static_cast<int>(page.rows.size());
    before = page;
  }
  assert_int_equal(seen, 23);
}

TEST(HistoryPages, walking_back_meets_the_same_entries_in_turn) {
  fixture.fill(23);
  std::vector<std::string> forward;
  HistoryQuery query{.limit = 5};
  HistoryPage page = fixture.page(query);
  forward.push_back(HistoryPages::numbers(page));
  while (page.next) {
    query.cursor = page.next;
    page = fixture.page(query);
    forward.push_back(HistoryPages::numbers(page));
  }
  assert_string_equal(forward.back().c_str(), "3 2 1");
  while (page.prev) {
    forward.pop_back();
    query.cursor = page.prev;
    page = fixture.page(query);
    assert_string_equal(HistoryPages::numbers(page).c_str(), forward.back().c_str());
  }
  assert_int_equal(forward.size(), 1);
}

TEST(HistoryPages, an_entry_added_meanwhile_does_not_shift_the_pages) {
  fixture.fill(10);
  const HistoryPage first = fixture.page({.limit = 5});
  fixture.about(kKey, "");
  assert_string_equal(
      HistoryPages::numbers(fixture.page({.cursor = first.next, .limit = 5})).c_str(), "5 4 3 2 1");
}

TEST(HistoryPages, a_cursor_whose_entry_is_gone_goes_on_with_the_next) {
  fixture.fill(10);
  const HistoryPage first = fixture.page({.limit = 5});
  const Result<Done> removed = fixture.database->store().write(
      [&](WriteTxn& txn) { return fixture.table.remove(txn, first.next->place); });
  assert_true(removed.ok());
  assert_string_equal(
      HistoryPages::numbers(fixture.page({.cursor = first.next, .limit = 5})).c_str(), "4 3 2 1");
}

TEST(HistoryPages, the_total_is_that_of_all_pages) {
  fixture.fill(12);
  const HistoryPage first = fixture.page({.limit = 5, .wants_total = true});
  assert_int_equal(first.total.value(), 12);
  const HistoryPage last =
      fixture.page({.cursor = HistoryCursor{{kNow, 1}, {}}, .limit = 5, .wants_total = true});
  assert_int_equal(last.total.value(), 12);
  assert_false(fixture.page({.limit = 5}).total.has_value());
}

TEST(HistoryPages, both_ends_of_a_time_span_belong_to_it_in_both_directions) {
  fixture.fill(12);  // 3, 4 and 5 are one second after the first two, 6, 7, 8 two.
  HistoryQuery query{
      .filter = {.since = kNow + std::chrono::seconds(1), .until = kNow + std::chrono::seconds(2)},
      .wants_total = true};
  assert_string_equal(HistoryPages::numbers(fixture.page(query)).c_str(), "8 7 6 5 4 3");
  assert_int_equal(fixture.page(query).total.value(), 6);
  query.cursor = HistoryCursor{{}, HistoryCursor::Towards::newer};
  assert_string_equal(HistoryPages::numbers(fixture.page(query)).c_str(), "8 7 6 5 4 3");
  query.filter = {.since = kNow + std::chrono::seconds(4)};
  assert_string_equal(HistoryPages::numbers(fixture.page(query)).c_str(), "12");
}

TEST(HistoryPages, a_user_is_read_on_its_own_path) {
  fixture.fill(2, "packit");
  fixture.fill(2, "other");
  assert_string_equal(fixture.numbers(HistoryFilter{.username = "other"}).c_str(), "4 3");
  assert_string_equal(fixture.numbers(HistoryFilter{.username = "nobody"}).c_str(), "");
}

TEST(HistoryPages, a_key_stands_for_the_token_and_its_children) {
  fixture.about(kKey, "");
  fixture.about(kChildKey, kKey);
  fixture.about(kGrandchildKey, kChildKey);
  assert_string_equal(fixture.numbers(HistoryFilter{.key = kKey}).c_str(), "2 1");
  assert_string_equal(fixture.numbers(HistoryFilter{.key = kChildKey}).c_str(), "3 2");
}

TEST(HistoryPages, a_subtree_is_the_token_and_all_that_descend_from_it) {
  fixture.about(kKey, "");
  fixture.about(kChildKey, kKey);
  fixture.about("DDDDDDDDDDDDDDDDDDDDDA", "");
  fixture.about(kGrandchildKey, kChildKey);
  const HistoryQuery query{.filter = {.key = kKey}, .with_subtree = true};
  assert_string_equal(HistoryPages::numbers(fixture.page(query)).c_str(), "4 2 1");
}

TEST(HistoryPages, an_unknown_key_and_one_of_another_user_are_not_found_alike) {
  fixture.about(kKey, "", "other");
  for (const char* key : {kKey, kChildKey}) {
    const auto answer = fixture.ask({.filter = {.username = "packit", .key = key}});
    assert_int_equal(answer.error().code, TOKMAN_E_NOT_FOUND);
    assert_string_equal(answer.error().field.c_str(), "key");
    assert_string_equal(answer.error().message.c_str(),
                        "there is no token of that key, nor was one");
  }
  assert_string_equal(fixture.numbers(HistoryFilter{.key = kKey}).c_str(), "1");
}

TEST(HistoryPages, a_token_whose_history_is_forgotten_has_an_empty_one) {
  const AccessTokenTable tokens(*fixture.database);
  const Result<Done> done = fixture.database->store().write([&](WriteTxn& txn) {
    return tokens.put(txn, {.info = {.key = kKey, .username = "packit"},
                            .secret_hash = std::string(32, 'h'),
                            .secret = {}});
  });
  assert_true(done.ok());
  assert_true(fixture.page({.filter = {.username = "packit", .key = kKey}}).rows.empty());
}

TEST(HistoryPages, a_client_is_read_on_its_own_path) {
  fixture.fill(2);
  HistoryEntry entry;
  entry.kind = HistoryKind::client;
  entry.client = "worker";
  fixture.append(entry);
  assert_string_equal(fixture.numbers(HistoryFilter{.client = "worker"}).c_str(), "3");
}

TEST(HistoryPages, a_page_that_costs_too_much_ends_early_and_its_cursor_goes_on) {
  fixture.fill(30'000, "packit");
  fixture.fill(1, "rare");
  HistoryQuery query{.filter = {.types = {TokenType::oidc}}, .wants_total = true};
  const HistoryPage first = fixture.page(query);
  assert_true(first.rows.empty());
  assert_int_equal(first.next->place.number, 30'001 - HistoryReader::kExaminedMax);
  assert_false(first.total.has_value());
  query.cursor = first.next;
  const HistoryPage second = fixture.page(query);
  assert_false(second.next.has_value());
  query.cursor = HistoryCursor{{}, HistoryCursor::Towards::newer};
  assert_int_equal(fixture.page(query).prev->place.number, HistoryReader::kExaminedMax);
}

TEST(HistoryPages, an_entry_that_cannot_be_read_is_passed_over) {
  fixture.fill(3);
  fixture.close();
  fixture.tamper("history", [](WriteTxn& txn, Table opened) {
    std::string second;
    int place = 0;
    (void)txn.for_each(opened, "", [&](std::string_view key, std::string_view) {
      if (++place == 2) second = key;
      return true;
    });
    (void)txn.put(opened, second, "no sealed value");
  });
  fixture.open();
  HistoryReader reader(*fixture.database, fixture.background);
  std::string seen;
  fixture.operation = reader.read(
      {}, [&](const Result<HistoryPage>& page) { seen = HistoryPages::numbers(page.value()); });
  fixture.write_all();
  assert_string_equal(seen.c_str(), "3 1");
}

TEST(HistoryPages, a_reading_that_was_cancelled_does_not_call_back) {
  fixture.fill(3);
  bool is_called_back = false;
  fixture.operation =
      fixture.reader.read({}, [&](const Result<HistoryPage>&) { is_called_back = true; });
  fixture.operation.reset();
  fixture.write_all();
  assert_false(is_called_back);
}

// Pages of 23 through 10,000 entries while, at every page, two are added and the oldest three go.
TEST(HistoryPages, inserts_and_truncation_in_progress_neither_repeat_nor_hide_an_entry) {
  fixture.fill(10'000);
  std::vector<std::uint64_t> seen;
  HistoryQuery query{.limit = 23};
  HistoryPage page = fixture.page(query);
  int forgotten = 0;
  while (true) {
    for (const HistoryRow& row : page.rows) seen.push_back(row.place.number);
    fixture.move_on();
    forgotten += 3;
    if (!page.next) break;
    query.cursor = page.next;
    page = fixture.page(query);
  }
  assert_true(forgotten > 1000);
  for (std::size_t i = 0; i < seen.size(); ++i) assert_int_equal(seen[i], 10'000 - i);
  assert_in_range(seen.back(), 1, static_cast<std::uint64_t>(forgotten));

  // And back again: what has survived, in the mirror.
  std::vector<std::uint64_t> back;
  while (page.prev) {
    query.cursor = page.prev;
    page = fixture.page(query);
    for (auto row = page.rows.rbegin(); row != page.rows.rend(); ++row) {
      back.push_back(row->place.number);
    }
  }
  for (std::size_t i = 1; i < back.size(); ++i) assert_int_equal(back[i], back[i - 1] + 1);
  assert_int_equal(back.back(), 10'000 + forgotten / 3 * 2);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(HistoryPages, the_newest_entry_comes_first),
      RUN(HistoryPages, an_empty_history_is_an_empty_page_without_cursors),
      RUN(HistoryPages, a_page_has_100_entries_unless_the_caller_wants_otherwise),
      RUN(HistoryPages, pages_of_5_forward_by_next_have_the_page_before_them_at_prev),
      RUN(HistoryPages, walking_back_meets_the_same_entries_in_turn),
      RUN(HistoryPages, an_entry_added_meanwhile_does_not_shift_the_pages),
      RUN(HistoryPages, a_cursor_whose_entry_is_gone_goes_on_with_the_next),
      RUN(HistoryPages, the_total_is_that_of_all_pages),
      RUN(HistoryPages, both_ends_of_a_time_span_belong_to_it_in_both_directions),
      RUN(HistoryPages, a_user_is_read_on_its_own_path),
      RUN(HistoryPages, a_key_stands_for_the_token_and_its_children),
      RUN(HistoryPages, a_subtree_is_the_token_and_all_that_descend_from_it),
      RUN(HistoryPages, an_unknown_key_and_one_of_another_user_are_not_found_alike),
      RUN(HistoryPages, a_token_whose_history_is_forgotten_has_an_empty_one),
      RUN(HistoryPages, a_client_is_read_on_its_own_path),
      RUN(HistoryPages, a_page_that_costs_too_much_ends_early_and_its_cursor_goes_on),
      RUN(HistoryPages, an_entry_that_cannot_be_read_is_passed_over),
      RUN(HistoryPages, a_reading_that_was_cancelled_does_not_call_back),
      RUN(HistoryPages, inserts_and_truncation_in_progress_neither_repeat_nor_hide_an_entry),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
