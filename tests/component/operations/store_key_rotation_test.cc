// RotateStoreKey's work, batch by batch, on a real store.
#include "daemon/services/operations/store_key_rotation.h"

#include <optional>

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_timers.h"

namespace tokman {
namespace {

constexpr int kTokens = 1200;  // Several stretches.

struct Rotation : StoreWorld {
  FakeClock clock;
  FakeTimers timers;
  std::optional<StoreKeyRotation> rotation;
  std::vector<std::string> answers;
  std::vector<OperationPtr> waiting;

  Rotation() { start(); }

  void start() {
    rotation.emplace(StoreKeyRotation::World{*database, *writer, clock, timers, log});
    rotation->resume();
  }
  void stop() {
    rotation.reset();
    close();
  }
  // As after a kill -9: what no batch has written is gone.
  void restart() {
    stop();
    background = FakeBackground();
    open();
    start();
  }

  void put(TableId table, const std::string& key, const std::string& value) {
    (void)writer->add({.name = "", .apply = [this, table, key, value](WriteTxn& txn) {
                         return database->sealed(table).put(txn, key, SecretBytes(value));
                       }});
  }
  void fill() {
    for (int i = 0; i < kTokens; ++i) put(TableId::tokens, "token " + std::to_string(i), "secret");
    put(TableId::installations, "octo-org", "4242");
    put(TableId::history, "first", "made");
    write_all();
  }
  bool is_all_there() {
    for (int i = 0; i < kTokens; ++i) {
      if (get(TableId::tokens, "token " + std::to_string(i)) != "secret") return false;
    }
    return get(TableId::installations, "octo-org") == "4242" &&
           get(TableId::history, "first") == "made";
  }
  std::string get(TableId table, const std::string& key) {
    const auto value = database->store().read(
        [&](const ReadTxn& txn) { return database->sealed(table).get(txn, key); });
    if (!value.ok()) return "unreadable";
    return std::string(value.value() ? value.value()->reveal() : "nothing");
  }

  void rotate() {
    waiting.push_back(rotation->rotate([this](const Result<DataKeys::Number>& key) {
      answers.push_back(key.ok() ? std::to_string(key.value()) : key.error().message);
    }));
  }
  bool step() { return background.step(); }

  // Their numbers: "1 2".
  std::string stored_keys() {
    std::string numbers;
    (void)database->store().read([&](const ReadTxn& txn) {
      return txn.for_each(database->in_clear(TableId::meta),
                          "data-key:", [&](std::string_view row, std::string_view) {
                            if (!row.starts_with("data-key:")) return false;
                            numbers += (numbers.empty() ? "" : " ") + std::string(row.substr(9));
                            return true;
                          });
    });
    return numbers;
  }
};

TEST(Rotation, everything_is_there_after_each_step) {
  fixture.fill();
  fixture.rotate();
  int steps = 0;
  for (; fixture.step(); ++steps) assert_true(fixture.is_all_there());
  assert_true(steps > 10);
}

TEST(Rotation, in_the_end_the_old_key_is_gone_and_nothing_needs_it) {
  fixture.fill();
  fixture.rotate();
  fixture.write_all();
  assert_string_equal(fixture.stored_keys().c_str(), "2");
  assert_false(fixture.rotation->progress().is_resealing);
  assert_int_equal(fixture.rotation->progress().resealed, kTokens + 2);
  fixture.restart();
  assert_true(fixture.is_all_there());
}

TEST(Rotation, the_old_key_stays_while_a_value_needs_it) {
  fixture.fill();
  fixture.rotate();
  while (fixture.rotation->progress().resealed < kTokens + 2) {
    assert_string_equal(fixture.stored_keys().c_str(), fixture.answers.empty() ? "1" : "1 2");
    assert_true(fixture.step());
  }
  assert_string_equal(fixture.stored_keys().c_str(), "1 2");
}

TEST(Rotation, it_is_answered_when_the_new_key_seals) {
  fixture.fill();
  fixture.rotate();
  assert_true(fixture.answers.empty());
  fixture.step();
  assert_string_equal(fixture.answers.at(0).c_str(), "2");
  assert_int_equal(fixture.rotation->progress().key, 2);
  assert_true(fixture.rotation->progress().is_resealing);
}

TEST(Rotation, interrupted_after_any_step_it_is_finished_by_the_next_start) {
  for (int steps_before = 0;; ++steps_before) {
    Rotation world;
    world.fill();
    world.rotate();
    int steps = 0;
    while (steps < steps_before && world.step()) ++steps;
    if (steps < steps_before) break;  // It was finished.
    world.restart();
    assert_true(world.is_all_there());
    world.write_all();
    assert_true(world.is_all_there());
    assert_string_equal(world.stored_keys().c_str(), steps_before == 0 ? "1" : "2");
  }
}

TEST(Rotation, interrupted_after_every_step_it_is_finished_all_the_same) {
  fixture.fill();
  fixture.rotate();
  fixture.step();
  int restarts = 0;
  for (; fixture.stored_keys() != "2"; ++restarts) {
    assert_true(restarts < 100);
    // A pass needs a step for each table even where nothing is to be done.
    for (int i = 0; i <= restarts; ++i) fixture.step();
    fixture.restart();
    assert_true(fixture.is_all_there());
  }
  assert_true(restarts > 2);
}

TEST(Rotation, what_is_written_meanwhile_is_there) {
  fixture.fill();
  fixture.rotate();
  int written = 0;
  do {
    fixture.put(TableId::clocks, std::to_string(written++), "now");
  } while (fixture.step() && written < 40);
  fixture.write_all();
  fixture.restart();
  for (int i = 0; i < written; ++i) {
    assert_string_equal(fixture.get(TableId::clocks, std::to_string(i)).c_str(), "now");
  }
  assert_string_equal(fixture.stored_keys().c_str(), "2");
}

TEST(Rotation, a_value_that_no_key_opens_is_left_and_counted) {
  fixture.put(TableId::tokens, "damaged", "secret");
  fixture.write_all();
  fixture.stop();
  fixture.corrupt("tokens");
  fixture.open();
  fixture.start();
  fixture.fill();
  fixture.rotate();
  fixture.write_all();
  assert_true(fixture.is_all_there());
  assert_string_equal(fixture.get(TableId::tokens, "damaged").c_str(), "unreadable");
  assert_int_equal(fixture.rotation->progress().unreadable, 1);
  assert_string_equal(fixture.stored_keys().c_str(), "2");
}

TEST(Rotation, who_asks_while_the_key_is_being_made_gets_the_same) {
  fixture.rotate();
  fixture.rotate();
  fixture.write_all();
  assert_int_equal(fixture.answers.size(), 2);
  assert_string_equal(fixture.answers[1].c_str(), "2");
  assert_string_equal(fixture.stored_keys().c_str(), "2");
}

TEST(Rotation, a_store_rotates_again_and_again) {
  fixture.fill();
  for (int i = 0; i < 3; ++i) {
    fixture.rotate();
    fixture.write_all();
  }
  assert_string_equal(fixture.stored_keys().c_str(), "4");
  assert_true(fixture.is_all_there());
}

TEST(Rotation, a_key_that_could_not_be_stored_is_an_error_and_not_used) {
  (void)fixture.writer->add({.name = "", .apply = [](WriteTxn&) { return Done{}; }});
  fixture.rotate();
  (void)fixture.writer->add({.name = "", .apply = [](WriteTxn&) -> Result<Done> {
                               return Error{TOKMAN_E_STORE, "the disk is full"};
                             }});
  fixture.write_all();
  assert_string_equal(fixture.answers.at(0).c_str(), "the disk is full");
  assert_int_equal(fixture.rotation->progress().key, 1);
  fixture.rotate();
  fixture.write_all();
  assert_string_equal(fixture.answers.at(1).c_str(), "2");
}

TEST(Rotation, a_stretch_that_could_not_be_written_is_tried_again_later) {
  fixture.fill();
  fixture.rotate();
  fixture.put(TableId::clocks, "between", "now");
  fixture.step();  // The key is stored; the first stretch waits behind the clock.
  (void)fixture.writer->add({.name = "", .apply = [](WriteTxn&) -> Result<Done> {
                               return Error{TOKMAN_E_STORE, "the disk is full"};
                             }});
  fixture.write_all();
  assert_string_equal(fixture.stored_keys().c_str(), "1 2");
  fixture.clock.go_to(*fixture.timers.next_due());
  assert_true(fixture.timers.step(fixture.clock.now()));
  fixture.write_all();
  assert_string_equal(fixture.stored_keys().c_str(), "2");
  assert_true(fixture.is_all_there());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Rotation, everything_is_there_after_each_step),
      RUN(Rotation, in_the_end_the_old_key_is_gone_and_nothing_needs_it),
      RUN(Rotation, the_old_key_stays_while_a_value_needs_it),
      RUN(Rotation, it_is_answered_when_the_new_key_seals),
      RUN(Rotation, interrupted_after_any_step_it_is_finished_by_the_next_start),
      RUN(Rotation, interrupted_after_every_step_it_is_finished_all_the_same),
      RUN(Rotation, what_is_written_meanwhile_is_there),
      RUN(Rotation, a_value_that_no_key_opens_is_left_and_counted),
      RUN(Rotation, who_asks_while_the_key_is_being_made_gets_the_same),
      RUN(Rotation, a_store_rotates_again_and_again),
      RUN(Rotation, a_key_that_could_not_be_stored_is_an_error_and_not_used),
      RUN(Rotation, a_stretch_that_could_not_be_written_is_tried_again_later),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
