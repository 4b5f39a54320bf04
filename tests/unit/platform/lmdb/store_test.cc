#include "daemon/platform/lmdb/store.h"

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/cmocka_cpp.h"
#include "tests/support/temp_folder.h"

namespace tokman {
namespace {

constexpr std::size_t kSmallMap = 128 * 1024;

// The memory of this process that is mapped from `file`, in KiB.
std::size_t resident_kib(const std::string& file) {
  std::ifstream smaps("/proc/self/smaps");
  std::size_t total = 0;
  bool is_file = false;
  for (std::string line; std::getline(smaps, line);) {
    std::size_t kib = 0;
    if (line.find(": ") == std::string::npos) is_file = line.ends_with(file);
    if (is_file && std::sscanf(line.c_str(), "Rss: %zu", &kib) == 1) total += kib;
  }
  return total;
}

// Limits how large a file may get, for as long as it lives: as good as a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    signal_before_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_before_);
  }

 private:
  rlimit before_{};
  void (*signal_before_)(int) = nullptr;
};

struct Storing {
  TempFolder temp;
  std::string folder = temp.file("store");
  std::optional<Store> store;
  Table table;
  std::optional<FullDisk> full_disk;

  Storing() { open(); }

  void open() {
    store.reset();
    auto environment =
        open_environment({.folder = folder, .tables_max = 1, .map_bytes = kSmallMap});
    if (!environment.ok()) std::abort();
    store.emplace(std::move(environment).value());
    const Result<Done> opened = store->write([this](WriteTxn& txn) -> Result<Done> {
      const Result<Table> made = txn.open_table("things");
      if (!made.ok()) return made.error();
      table = made.value();
      return Done{};
    });
    if (!opened.ok()) std::abort();
  }

  Result<Done> put(const std::string& key, const std::string& value) {
    return store->write([&](WriteTxn& txn) { return txn.put(table, key, value); });
  }
  std::string get(const std::string& key) {
    const Result<std::string> value = store->read([&](const ReadTxn& txn) -> Result<std::string> {
      const auto found = txn.get(table, key);
      if (!found.ok()) return found.error();
      return std::string(found.value().value_or("nothing"));
    });
    return value.ok() ? value.value() : value.error().message;
  }
  std::string keys_from(const std::string& from, std::size_t max = 100) {
    std::string all;
    const Result<Done> done = store->read([&](const ReadTxn& txn) {
      return txn.for_each(table, from, [&](std::string_view key, std::string_view) {
        all += std::string(key) + " ";
        return --max > 0;
      });
    });
    return done.ok() ? all : done.error().message;
  }
  std::string keys_back_from(const std::string& below) {
    std::string all;
    const Result<Done> done = store->read([&](const ReadTxn& txn) {
      return txn.for_each_back(table, below, [&](std::string_view key, std::string_view) {
        all += std::string(key) + " ";
        return true;
      });
    });
    return done.ok() ? all : done.error().message;
  }
};

TEST(Storing, what_was_put_is_there) {
  assert_true(fixture.put("a", "1").ok());
  assert_string_equal(fixture.get("a").c_str(), "1");
}

TEST(Storing, what_was_put_is_there_after_a_restart) {
  assert_true(fixture.put("a", "1").ok());
  fixture.open();
  assert_string_equal(fixture.get("a").c_str(), "1");
}

TEST(Storing, putting_again_replaces) {
  assert_true(fixture.put("a", "1").ok());
  assert_true(fixture.put("a", "2").ok());
  assert_string_equal(fixture.get("a").c_str(), "2");
}

TEST(Storing, what_is_not_there_is_not_an_error) {
  assert_string_equal(fixture.get("a").c_str(), "nothing");
  assert_true(
      fixture.store->write([&](WriteTxn& txn) { return txn.remove(fixture.table, "a"); }).ok());
}

TEST(Storing, what_was_removed_is_gone) {
  assert_true(fixture.put("a", "1").ok());
  assert_true(
      fixture.store->write([&](WriteTxn& txn) { return txn.remove(fixture.table, "a"); }).ok());
  assert_string_equal(fixture.get("a").c_str(), "nothing");
}

TEST(Storing, keys_are_visited_in_order) {
  for (const char* key : {"b", "c", "a"}) assert_true(fixture.put(key, "x").ok());
  assert_string_equal(fixture.keys_from("").c_str(), "a b c ");
}

TEST(Storing, a_visit_starts_where_it_is_told_to) {
  for (const char* key : {"a", "c", "d"}) assert_true(fixture.put(key, "x").ok());
  assert_string_equal(fixture.keys_from("b").c_str(), "c d ");
  assert_string_equal(fixture.keys_from("c").c_str(), "c d ");
  assert_string_equal(fixture.keys_from("e").c_str(), "");
}

TEST(Storing, keys_are_visited_backwards_from_the_last_below_a_bound) {
  for (const char* key : {"b", "a", "d"}) assert_true(fixture.put(key, "1").ok());
  assert_string_equal(fixture.keys_back_from("").c_str(), "d b a ");
  assert_string_equal(fixture.keys_back_from("d").c_str(), "b a ");
  assert_string_equal(fixture.keys_back_from("c").c_str(), "b a ");
  assert_string_equal(fixture.keys_back_from("z").c_str(), "d b a ");
  assert_string_equal(fixture.keys_back_from("a").c_str(), "");
}

TEST(Storing, entries_are_counted) {
  for (const char* key : {"b", "a"}) assert_true(fixture.put(key, "1").ok());
  const auto counted =
      fixture.store->read([&](const ReadTxn& txn) { return txn.count(fixture.table); });
  assert_int_equal(counted.value(), 2);
}

TEST(Storing, a_visit_ends_when_it_is_told_to) {
  for (const char* key : {"a", "b", "c"}) assert_true(fixture.put(key, "x").ok());
  assert_string_equal(fixture.keys_from("", 2).c_str(), "a b ");
}

TEST(Storing, a_write_that_fails_half_way_has_changed_nothing) {
  const Result<Done> written = fixture.store->write([&](WriteTxn& txn) -> Result<Done> {
    (void)txn.put(fixture.table, "a", "1");
    return Error{TOKMAN_E_INTERNAL, "changed my mind"};
  });
  assert_string_equal(written.error().message.c_str(), "changed my mind");
  assert_string_equal(fixture.get("a").c_str(), "nothing");
}

TEST(Storing, a_key_longer_than_lmdb_allows_is_an_error) {
  const Result<Done> written = fixture.put(std::string(512, 'k'), "x");
  assert_false(written.ok());
  assert_int_equal(written.error().code, TOKMAN_E_STORE);
}

TEST(Storing, the_map_grows_when_it_is_full) {
  const std::string large(kSmallMap, 'v');
  for (const char* key : {"a", "b", "c", "d"}) assert_true(fixture.put(key, large).ok());
  for (const char* key : {"a", "b", "c", "d"}) assert_true(fixture.get(key) == large);
}

TEST(Storing, a_write_runs_again_from_the_start_when_the_map_has_grown) {
  int runs = 0;
  const Result<Done> written = fixture.store->write([&](WriteTxn& txn) {
    ++runs;
    return txn.put(fixture.table, std::to_string(runs), std::string(kSmallMap, 'v'));
  });
  assert_true(written.ok());
  assert_true(runs > 1);
  assert_string_equal(fixture.keys_from("").c_str(), (std::to_string(runs) + " ").c_str());
}

TEST(Storing, a_store_that_has_grown_opens_with_a_smaller_map) {
  assert_true(fixture.put("a", std::string(4 * kSmallMap, 'v')).ok());
  fixture.open();
  assert_int_equal(fixture.get("a").size(), 4 * kSmallMap);
}

TEST(Storing, a_full_disk_fails_the_write_and_keeps_what_was_there) {
  assert_true(fixture.put("a", "1").ok());
  fixture.full_disk.emplace(kSmallMap);
  const Result<Done> written = fixture.put("b", std::string(4 * kSmallMap, 'v'));
  assert_int_equal(written.error().code, TOKMAN_E_STORE);
  assert_string_equal(fixture.get("a").c_str(), "1");
  assert_string_equal(fixture.get("b").c_str(), "nothing");
}

TEST(Storing, a_write_succeeds_again_when_the_disk_has_room_again) {
  fixture.full_disk.emplace(kSmallMap);
  assert_false(fixture.put("a", std::string(4 * kSmallMap, 'v')).ok());
  fixture.full_disk.reset();
  assert_true(fixture.put("a", "1").ok());
  fixture.open();
  assert_string_equal(fixture.get("a").c_str(), "1");
}

TEST(Storing, a_map_that_cannot_grow_closes_the_store_and_nothing_crashes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return;  // Their runtimes do not survive the limit.
#endif
  rlimit before = {};
  getrlimit(RLIMIT_AS, &before);
  const rlimit none = {1, before.rlim_max};
  const std::string large(2 * kSmallMap, 'v');
  const Result<Done> written = fixture.store->write([&](WriteTxn& txn) {
    Result<Done> put = txn.put(fixture.table, "a", large);
    setrlimit(RLIMIT_AS, &none);  // From here on no mapping is made.
    return put;
  });
  setrlimit(RLIMIT_AS, &before);
  assert_false(written.ok());
  assert_string_equal(fixture.get("a").c_str(), "the store is closed until the next start");
  assert_false(fixture.put("a", "1").ok());
}

TEST(Storing, reading_a_large_store_leaves_little_of_it_in_memory) {
  const std::string value(1000, 'v');
  const Result<Done> written = fixture.store->write([&](WriteTxn& txn) -> Result<Done> {
    for (int i = 0; i < 16'000; ++i) {
      Result<Done> put = txn.put(fixture.table, std::to_string(i), value);
      if (!put.ok()) return put;
    }
    return Done{};
  });
  assert_true(written.ok());
  assert_int_equal(resident_kib("/data.mdb"), 0);
  for (int i = 0; i < 16'000; ++i) assert_true(fixture.get(std::to_string(i)) == value);
  assert_in_range(resident_kib("/data.mdb"), 0, 4 * 1024);
}

TEST(Storing, many_read_while_one_writes_and_the_map_grows) {
  assert_true(fixture.put("a", "1").ok());
  std::vector<std::thread> readers;
  std::atomic<int> wrong = 0;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        if (fixture.get("a") != "1") ++wrong;
      }
    });
  }
  bool written = true;
  for (int i = 0; i < 20; ++i) {
    written = fixture.put(std::to_string(i), std::string(kSmallMap, 'v')).ok() && written;
  }
  for (std::thread& reader : readers) reader.join();
  assert_true(written);
  assert_int_equal(wrong, 0);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Storing, what_was_put_is_there),
      RUN(Storing, what_was_put_is_there_after_a_restart),
      RUN(Storing, putting_again_replaces),
      RUN(Storing, what_is_not_there_is_not_an_error),
      RUN(Storing, what_was_removed_is_gone),
      RUN(Storing, keys_are_visited_in_order),
      RUN(Storing, a_visit_starts_where_it_is_told_to),
      RUN(Storing, keys_are_visited_backwards_from_the_last_below_a_bound),
      RUN(Storing, entries_are_counted),
      RUN(Storing, a_visit_ends_when_it_is_told_to),
      RUN(Storing, a_write_that_fails_half_way_has_changed_nothing),
      RUN(Storing, a_key_longer_than_lmdb_allows_is_an_error),
      RUN(Storing, the_map_grows_when_it_is_full),
      RUN(Storing, a_write_runs_again_from_the_start_when_the_map_has_grown),
      RUN(Storing, a_store_that_has_grown_opens_with_a_smaller_map),
      RUN(Storing, a_full_disk_fails_the_write_and_keeps_what_was_there),
      RUN(Storing, a_write_succeeds_again_when_the_disk_has_room_again),
      RUN(Storing, a_map_that_cannot_grow_closes_the_store_and_nothing_crashes),
      RUN(Storing, reading_a_large_store_leaves_little_of_it_in_memory),
      RUN(Storing, many_read_while_one_writes_and_the_map_grows),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
