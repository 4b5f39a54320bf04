#include "daemon/services/store/store_backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <thread>

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

namespace fs = std::filesystem;

struct Backup : StoreWorld {
  std::string copy_folder = temp.file("copy");
  std::optional<StoreBackup> backup{std::in_place, database->store(), background};
  std::string answer = "none";
  OperationPtr copying;

  Backup() {
    fs::create_directory(copy_folder);
    fs::permissions(copy_folder, fs::perms::owner_all);
  }

  Fd make_file() const { return Fd(open_file(O_WRONLY | O_CREAT | O_TRUNC)); }
  int open_file(int flags) const {
    return ::open((copy_folder + "/data.mdb").c_str(), flags | O_CLOEXEC, 0600);
  }

  // "started", or why not.
  std::string start(Fd file) {
    auto started = backup->start(std::move(file), [this](const Result<std::int64_t>& bytes) {
      answer = bytes.ok() ? std::to_string(bytes.value()) : bytes.error().message;
    });
    if (!started.ok()) return started.error().message;
    copying = std::move(started).value();
    return "started";
  }

  void put(int number) {
    const Result<Done> done = database->store().write([&](WriteTxn& txn) {
      const SecretBytes value(std::string(400, 'v'));
      const Result<Done> first =
          database->sealed(TableId::tokens).put(txn, std::to_string(number), value);
      if (!first.ok()) return first;
      return database->sealed(TableId::clients).put(txn, std::to_string(number), value);
    });
    if (!done.ok()) std::abort();
  }

  // As many in the one table as in the other, or -1.
  static int count(Database& store) {
    const auto counted = store.store().read([&](const ReadTxn& txn) -> Result<int> {
      int values[2] = {};
      int* value = values;
      for (const TableId table : {TableId::tokens, TableId::clients}) {
        (void)store.sealed(table).for_each(txn, "",
                                           [&](std::string_view, const Result<SecretBytes>& read) {
                                             *value += read.ok() ? 1 : 0;
                                             return true;
                                           });
        ++value;
      }
      return values[0] == values[1] ? values[0] : -1;
    });
    return counted.value();
  }
  int count_in_copy() {
    auto opened = Database::open(copy_folder, {SecretBytes(kStoreKey)});
    return opened.ok() ? count(*opened.value()) : -2;
  }
};

TEST(Backup, a_copy_opens_with_the_store_key_and_holds_everything) {
  for (int i = 0; i < 100; ++i) fixture.put(i);
  fixture.start(fixture.make_file());
  fixture.write_all();
  assert_int_equal(fixture.count_in_copy(), 100);
}

TEST(Backup, the_length_of_the_file_is_told) {
  fixture.start(fixture.make_file());
  fixture.write_all();
  assert_int_equal(std::stol(fixture.answer), fs::file_size(fixture.copy_folder + "/data.mdb"));
}

TEST(Backup, a_copy_made_while_others_write_is_as_one_commit_left_the_store) {
  for (int i = 0; i < 100; ++i) fixture.put(i);
  std::thread writing([&] {
    for (int i = 100; i < 2000; ++i) fixture.put(i);
  });
  fixture.start(fixture.make_file());
  fixture.write_all();
  writing.join();
  const int copied = fixture.count_in_copy();
  assert_true(copied >= 100 && copied <= 2000);
  assert_int_equal(Backup::count(*fixture.database), 2000);
}

TEST(Backup, a_second_one_has_to_wait_for_the_first) {
  assert_string_equal(fixture.start(fixture.make_file()).c_str(), "started");
  const std::string refusal = fixture.start(fixture.make_file());
  assert_true(refusal.find("a backup is being written") != std::string::npos);
  fixture.write_all();
  assert_string_equal(fixture.start(fixture.make_file()).c_str(), "started");
}

TEST(Backup, one_whose_caller_has_gone_is_in_the_way_until_it_is_written) {
  fixture.start(fixture.make_file());
  fixture.copying.reset();
  assert_true(fixture.start(fixture.make_file()) != "started");
  fixture.write_all();
  assert_string_equal(fixture.answer.c_str(), "none");
  assert_string_equal(fixture.start(fixture.make_file()).c_str(), "started");
}

TEST(Backup, only_a_regular_file_that_is_open_for_writing_will_do) {
  int ends[2] = {};
  assert_int_equal(pipe(ends), 0);
  const Fd reading(ends[0]);
  assert_true(fixture.start(Fd(ends[1])) != "started");
  assert_true(fixture.start(Fd()) != "started");
  fixture.make_file();
  assert_true(fixture.start(Fd(fixture.open_file(O_RDONLY))) != "started");
}

TEST(Backup, one_that_has_not_begun_is_not_written_after_the_end) {
  fixture.start(fixture.make_file());
  fixture.backup.reset();
  fixture.write_all();
  assert_int_equal(fs::file_size(fixture.copy_folder + "/data.mdb"), 0);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Backup, a_copy_opens_with_the_store_key_and_holds_everything),
      RUN(Backup, the_length_of_the_file_is_told),
      RUN(Backup, a_copy_made_while_others_write_is_as_one_commit_left_the_store),
      RUN(Backup, a_second_one_has_to_wait_for_the_first),
      RUN(Backup, one_whose_caller_has_gone_is_in_the_way_until_it_is_written),
      RUN(Backup, only_a_regular_file_that_is_open_for_writing_will_do),
      RUN(Backup, one_that_has_not_begun_is_not_written_after_the_end),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
