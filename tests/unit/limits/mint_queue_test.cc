// Who is next, and that nobody waits for ever.
#include "daemon/domain/limits/mint_queue.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct QueueFixture {
  MintQueue queue;
  Instant now{1h};

  MintQueue::Ticket add(int priority) { return queue.add(priority, now); }
  MintQueue::Ticket take() {
    const MintQueue::Ticket first = *queue.first();
    queue.drop(first);
    return first;
  }
};

TEST(QueueFixture, an_empty_queue_has_neither_first_nor_last) {
  assert_false(fixture.queue.first().has_value());
  assert_false(fixture.queue.last().has_value());
}

TEST(QueueFixture, the_highest_priority_is_first) {
  fixture.add(10);
  const auto urgent = fixture.add(20);
  fixture.add(0);
  assert_int_equal(fixture.take(), urgent);
}

TEST(QueueFixture, of_equal_priority_the_first_to_come_is_first) {
  const auto first = fixture.add(5);
  const auto second = fixture.add(5);
  assert_int_equal(fixture.take(), first);
  assert_int_equal(fixture.take(), second);
}

TEST(QueueFixture, a_background_renewal_comes_after_every_caller) {
  const auto renewal = fixture.add(kBackgroundPriority);
  fixture.now += 59s;
  const auto caller = fixture.add(0);
  assert_int_equal(fixture.take(), caller);
  assert_int_equal(fixture.take(), renewal);
}

TEST(QueueFixture, a_background_renewal_that_has_waited_a_minute_is_before_new_callers) {
  const auto renewal = fixture.add(kBackgroundPriority);
  fixture.now += 60s + 1ms;
  fixture.add(0);
  assert_int_equal(fixture.take(), renewal);
}

TEST(QueueFixture, against_a_stream_of_the_highest_priority_the_lowest_waits_twenty_seconds) {
  const auto lowest = fixture.add(0);
  for (Instant::duration waited{}; waited < 20s; waited += 1s) {
    fixture.add(1000);
    assert_int_not_equal(fixture.take(), lowest);
    fixture.now += 1s;
  }
  fixture.add(1000);
  assert_int_equal(fixture.take(), lowest);
}

TEST(QueueFixture, who_is_raised_passes_others) {
  const auto first = fixture.add(5);
  const auto raised = fixture.add(0);
  fixture.queue.raise(raised, 6);
  assert_int_equal(fixture.take(), raised);
  assert_int_equal(fixture.take(), first);
}

TEST(QueueFixture, who_is_raised_keeps_the_time_waited) {
  const auto early = fixture.add(0);
  fixture.now += 1ms;
  fixture.add(5);
  fixture.queue.raise(early, 5);
  assert_int_equal(fixture.take(), early);
}

TEST(QueueFixture, nobody_is_lowered) {
  const auto urgent = fixture.add(5);
  fixture.add(1);
  fixture.queue.raise(urgent, 0);
  assert_int_equal(fixture.take(), urgent);
}

TEST(QueueFixture, the_last_is_the_least_urgent) {
  fixture.add(5);
  const auto least = fixture.add(1);
  fixture.add(3);
  assert_int_equal(*fixture.queue.last(), least);
}

TEST(QueueFixture, who_leaves_is_gone) {
  const auto gone = fixture.add(5);
  fixture.queue.drop(gone);
  fixture.queue.drop(gone);
  assert_int_equal(fixture.queue.size(), 0);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(QueueFixture, an_empty_queue_has_neither_first_nor_last),
      RUN(QueueFixture, the_highest_priority_is_first),
      RUN(QueueFixture, of_equal_priority_the_first_to_come_is_first),
      RUN(QueueFixture, a_background_renewal_comes_after_every_caller),
      RUN(QueueFixture, a_background_renewal_that_has_waited_a_minute_is_before_new_callers),
      RUN(QueueFixture, against_a_stream_of_the_highest_priority_the_lowest_waits_twenty_seconds),
      RUN(QueueFixture, who_is_raised_passes_others),
      RUN(QueueFixture, who_is_raised_keeps_the_time_waited),
      RUN(QueueFixture, nobody_is_lowered),
      RUN(QueueFixture, the_last_is_the_least_urgent),
      RUN(QueueFixture, who_leaves_is_gone),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
