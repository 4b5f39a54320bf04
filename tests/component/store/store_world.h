#pragma once
// A store in a folder of its own, with a writer that writes when it is told to.
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/services/store/database.h"
#include "daemon/services/store/revocation_store.h"
#include "daemon/services/store/store_writer.h"
#include "tests/support/captured_log.h"
#include "tests/support/fake_background.h"
#include "tests/support/temp_folder.h"

namespace tokman {

inline constexpr std::string_view kStoreKey = "a store key of thirty-two bytes!";

struct StoreWorld {
  TempFolder temp;
  std::string folder = temp.file("store");
  CapturedLog lines;
  Log log{lines};
  FakeBackground background;
  std::unique_ptr<Database> database;
  std::unique_ptr<StoreWriter> writer;
  std::unique_ptr<RevocationStore> revocations;

  StoreWorld() { open(); }

  void open() {
    close();
    auto opened = Database::open(folder, {SecretBytes(kStoreKey)});
    if (!opened.ok()) std::abort();
    database = std::move(opened).value();
    writer = std::make_unique<StoreWriter>(database->store(), background, log);
    revocations = std::make_unique<RevocationStore>(*database, *writer, log);
  }
  void close() {
    revocations.reset();
    writer.reset();
    database.reset();
  }

  // Gives the number of batches.
  int write_all() {
    int batches = 0;
    while (background.step()) ++batches;
    return batches;
  }

  std::string file_content() const {
    std::ostringstream bytes;
    bytes << std::ifstream(folder + "/data.mdb", std::ios::binary).rdbuf();
    return bytes.str();
  }

  // As someone would who has the file but not the key. REQUIRES: closed.
  template <class Change>
  void tamper(const char* table, Change change) {
    Store raw(open_environment({.folder = folder, .tables_max = 4}).value());
    const Result<Done> done = raw.write([&](WriteTxn& txn) -> Result<Done> {
      change(txn, txn.open_table(table).value());
      return Done{};
    });
    if (!done.ok()) std::abort();
  }

  // Flips a bit in every value of the table. REQUIRES: closed.
  void corrupt(const char* table) {
    tamper(table, [](WriteTxn& txn, Table opened) {
      std::vector<std::pair<std::string, std::string>> all;
      (void)txn.for_each(opened, "", [&](std::string_view key, std::string_view value) {
        all.emplace_back(key, value);
        return true;
      });
      for (auto& [key, value] : all) {
        value[value.size() / 2] = static_cast<char>(value[value.size() / 2] ^ 1);
        (void)txn.put(opened, key, value);
      }
    });
  }
};

}  // namespace tokman
