// What is due, in which order, and that nothing old is left behind.
#include "daemon/domain/tokens/due_queue.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct QueueFixture {
  DueQueue queue;
  const Instant start{1h};

  std::string take(Instant now) { return queue.take_due(now).value_or("none"); }
};

TEST(QueueFixture, an_empty_queue_is_never_due) {
  assert_false(fixture.queue.next_due().has_value());
}

TEST(QueueFixture, it_says_when_the_earliest_is_due) {
  fixture.queue.put("late", fixture.start + 2s);
  fixture.queue.put("early", fixture.start + 1s);
  assert_true(fixture.queue.next_due() == fixture.start + 1s);
}

TEST(QueueFixture, nothing_is_given_out_before_its_time) {
  fixture.queue.put("a", fixture.start + 1s);
  assert_string_equal(fixture.take(fixture.start + 1s - 1ms).c_str(), "none");
}

TEST(QueueFixture, a_key_is_given_out_at_its_time) {
  fixture.queue.put("a", fixture.start + 1s);
  assert_string_equal(fixture.take(fixture.start + 1s).c_str(), "a");
}

TEST(QueueFixture, a_key_is_given_out_once) {
  fixture.queue.put("a", fixture.start);
  fixture.take(fixture.start);
  assert_string_equal(fixture.take(fixture.start).c_str(), "none");
}

TEST(QueueFixture, the_one_due_longest_comes_first) {
  fixture.queue.put("b", fixture.start + 2s);
  fixture.queue.put("a", fixture.start + 3s);
  assert_string_equal(fixture.take(fixture.start + 1h).c_str(), "b");
  assert_string_equal(fixture.take(fixture.start + 1h).c_str(), "a");
}

TEST(QueueFixture, keys_due_at_the_same_time_come_in_their_own_order) {
  fixture.queue.put("b", fixture.start);
  fixture.queue.put("a", fixture.start);
  assert_string_equal(fixture.take(fixture.start).c_str(), "a");
}

TEST(QueueFixture, a_later_time_replaces_the_earlier_one) {
  fixture.queue.put("a", fixture.start);
  fixture.queue.put("a", fixture.start + 1s);
  assert_string_equal(fixture.take(fixture.start).c_str(), "none");
  assert_string_equal(fixture.take(fixture.start + 1s).c_str(), "a");
}

TEST(QueueFixture, an_earlier_time_replaces_the_later_one) {
  fixture.queue.put("a", fixture.start + 1s);
  fixture.queue.put("a", fixture.start);
  assert_string_equal(fixture.take(fixture.start).c_str(), "a");
  assert_string_equal(fixture.take(fixture.start + 1s).c_str(), "none");
}

TEST(QueueFixture, a_dropped_key_is_not_given_out) {
  fixture.queue.put("a", fixture.start);
  fixture.queue.drop("a");
  assert_string_equal(fixture.take(fixture.start).c_str(), "none");
}

TEST(QueueFixture, a_dropped_key_is_not_waited_for) {
  fixture.queue.put("a", fixture.start);
  fixture.queue.drop("a");
  assert_false(fixture.queue.next_due().has_value());
}

TEST(QueueFixture, a_key_put_back_after_a_drop_is_given_out_once) {
  fixture.queue.put("a", fixture.start);
  fixture.queue.drop("a");
  fixture.queue.put("a", fixture.start);
  assert_string_equal(fixture.take(fixture.start).c_str(), "a");
  assert_string_equal(fixture.take(fixture.start).c_str(), "none");
}

TEST(QueueFixture, it_holds_each_key_once_however_often_it_is_put) {
  for (int i = 0; i < 1000; ++i) fixture.queue.put("a", fixture.start + std::chrono::seconds(i));
  assert_int_equal(fixture.queue.size(), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(QueueFixture, an_empty_queue_is_never_due),
      RUN(QueueFixture, it_says_when_the_earliest_is_due),
      RUN(QueueFixture, nothing_is_given_out_before_its_time),
      RUN(QueueFixture, a_key_is_given_out_at_its_time),
      RUN(QueueFixture, a_key_is_given_out_once),
      RUN(QueueFixture, the_one_due_longest_comes_first),
      RUN(QueueFixture, keys_due_at_the_same_time_come_in_their_own_order),
      RUN(QueueFixture, a_later_time_replaces_the_earlier_one),
      RUN(QueueFixture, an_earlier_time_replaces_the_later_one),
      RUN(QueueFixture, a_dropped_key_is_not_given_out),
      RUN(QueueFixture, a_dropped_key_is_not_waited_for),
      RUN(QueueFixture, a_key_put_back_after_a_drop_is_given_out_once),
      RUN(QueueFixture, it_holds_each_key_once_however_often_it_is_put),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
