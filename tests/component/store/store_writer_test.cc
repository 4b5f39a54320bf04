#include "daemon/services/store/store_writer.h"

#include <future>
#include <thread>

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Writing : StoreWorld {
  std::vector<std::string> applied;
  std::vector<std::string> done;
  Error last_error{TOKMAN_OK, ""};

  StoreChange change(const std::string& name) {
    return {.name = name,
            .apply = [this, name](WriteTxn&) -> Result<Done> {
              applied.push_back(name);
              return Done{};
            },
            .done =
                [this, name](const Result<Done>& outcome) {
                  done.push_back(name);
                  if (!outcome.ok()) last_error = outcome.error();
                }};
  }
  StoreChange failing(const std::string& name) {
    StoreChange failing = change(name);
    failing.apply = [](WriteTxn&) -> Result<Done> { return Error{TOKMAN_E_STORE, "disk full"}; };
    return failing;
  }
  void add(const std::string& name) { assert_true(writer->add(change(name)).ok()); }
};

TEST(Writing, a_change_is_applied_and_then_done) {
  fixture.add("a");
  assert_true(fixture.applied.empty() && fixture.done.empty());
  assert_int_equal(fixture.write_all(), 1);
  assert_int_equal(fixture.applied.size(), 1);
  assert_int_equal(fixture.done.size(), 1);
}

TEST(Writing, what_arrives_during_a_batch_goes_into_the_next_one_together) {
  for (const char* name : {"a", "b", "c", "d"}) fixture.add(name);
  assert_int_equal(fixture.write_all(), 2);
}

TEST(Writing, a_thousand_changes_need_few_commits) {
  for (int i = 0; i < 1000; ++i) fixture.add(std::to_string(i));
  assert_in_range(fixture.write_all(), 2, 5);
  assert_int_equal(fixture.done.size(), 1000);
}

TEST(Writing, changes_are_applied_and_done_in_the_order_they_were_added) {
  std::vector<std::string> names;
  for (int i = 0; i < 600; ++i) names.push_back(std::to_string(i));
  for (const std::string& name : names) fixture.add(name);
  fixture.write_all();
  assert_true(fixture.applied == names);
  assert_true(fixture.done == names);
}

TEST(Writing, a_name_is_pending_until_its_last_change_is_written) {
  fixture.add("a");
  fixture.add("a");
  assert_true(fixture.writer->is_pending("a"));
  fixture.background.step();
  assert_true(fixture.writer->is_pending("a"));
  fixture.background.step();
  assert_false(fixture.writer->is_pending("a"));
}

TEST(Writing, one_change_too_many_is_refused_and_those_before_it_are_not) {
  for (std::size_t i = 0; i <= StoreWriter::kChangesMax; ++i)
    fixture.add("a");  // One is on its way.
  const Result<Done> refused = fixture.writer->add(fixture.change("b"));
  assert_int_equal(refused.error().code, TOKMAN_E_BUSY);
  fixture.write_all();
  assert_int_equal(fixture.done.size(), StoreWriter::kChangesMax + 1);
  fixture.add("b");
}

TEST(Writing, a_batch_that_fails_says_so_to_its_changes_and_to_the_log) {
  assert_true(fixture.writer->add(fixture.failing("a")).ok());
  fixture.write_all();
  assert_int_equal(fixture.last_error.code, TOKMAN_E_STORE);
  assert_int_equal(fixture.lines.count("disk full"), 1);
  assert_false(fixture.writer->is_pending("a"));
}

TEST(Writing, a_batch_after_one_that_failed_is_written) {
  assert_true(fixture.writer->add(fixture.failing("a")).ok());
  fixture.add("b");
  fixture.write_all();
  assert_int_equal(fixture.applied.size(), 1);
}

TEST(Writing, a_flush_calls_back_after_all_that_was_added_before) {
  bool flushed = false;
  for (int i = 0; i < 300; ++i) fixture.add("a");
  fixture.writer->flush([&] { flushed = fixture.done.size() == 300; });
  assert_false(flushed);
  fixture.write_all();
  assert_true(flushed);
}

TEST(Writing, a_flush_of_nothing_calls_back_too) {
  bool flushed = false;
  fixture.writer->flush([&] { flushed = true; });
  fixture.write_all();
  assert_true(flushed);
}

TEST(Writing, a_callback_may_add_a_change) {
  StoreChange first = fixture.change("first");
  first.done = [&](const Result<Done>&) { fixture.add("second"); };
  assert_true(fixture.writer->add(std::move(first)).ok());
  assert_int_equal(fixture.write_all(), 2);
  assert_int_equal(fixture.applied.size(), 2);
}

TEST(Writing, a_callback_may_destroy_the_writer) {
  StoreChange last = fixture.change("last");
  last.done = [&](const Result<Done>&) { fixture.writer.reset(); };
  assert_true(fixture.writer->add(std::move(last)).ok());
  fixture.add("never");
  fixture.write_all();
  assert_true(fixture.done.empty());
}

TEST(Writing, work_that_begins_after_the_writer_is_gone_does_nothing) {
  fixture.add("a");
  fixture.close();
  fixture.write_all();
  assert_true(fixture.applied.empty());
}

// Begins the work at once, on a thread of its own; never says that it is done.
class OtherThread final : public Background {
 public:
  ~OtherThread() override { thread_.join(); }
  OperationPtr run(std::function<void()> work, std::function<void()>) override {
    thread_ = std::thread(std::move(work));
    return std::make_unique<Operation>();
  }

 private:
  std::thread thread_;
};

TEST(Writing, destroying_the_writer_waits_for_the_batch_that_is_being_written) {
  std::promise<void> begun;
  std::promise<void> go_on;
  StoreChange slow = fixture.change("slow");
  slow.apply = [&](WriteTxn&) -> Result<Done> {
    begun.set_value();
    go_on.get_future().wait();
    fixture.applied.push_back("slow");
    return Done{};
  };
  OtherThread thread;
  {
    StoreWriter writer(fixture.database->store(), thread, fixture.log);
    (void)writer.add(std::move(slow));
    begun.get_future().wait();
    go_on.set_value();
  }
  assert_int_equal(fixture.applied.size(), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Writing, a_change_is_applied_and_then_done),
      RUN(Writing, what_arrives_during_a_batch_goes_into_the_next_one_together),
      RUN(Writing, a_thousand_changes_need_few_commits),
      RUN(Writing, changes_are_applied_and_done_in_the_order_they_were_added),
      RUN(Writing, a_name_is_pending_until_its_last_change_is_written),
      RUN(Writing, one_change_too_many_is_refused_and_those_before_it_are_not),
      RUN(Writing, a_batch_that_fails_says_so_to_its_changes_and_to_the_log),
      RUN(Writing, a_batch_after_one_that_failed_is_written),
      RUN(Writing, a_flush_calls_back_after_all_that_was_added_before),
      RUN(Writing, a_flush_of_nothing_calls_back_too),
      RUN(Writing, a_callback_may_add_a_change),
      RUN(Writing, a_callback_may_destroy_the_writer),
      RUN(Writing, work_that_begins_after_the_writer_is_gone_does_nothing),
      RUN(Writing, destroying_the_writer_waits_for_the_batch_that_is_being_written),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
