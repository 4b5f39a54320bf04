#pragma once
// A real store in a folder of the test's own, which can be closed and opened again.
#include <cstdlib>
#include <memory>

#include "daemon/services/store/clock_store.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/installation_store.h"
#include "daemon/services/store/revocation_store.h"
#include "daemon/services/store/store_writer.h"
#include "daemon/services/store/token_store.h"
#include "tests/support/temp_folder.h"

namespace tokman {

struct OpenStore {
  // REQUIRES: all outlive this object.
  OpenStore(const TempFolder& folder, Background& background, Log& log,
            const std::string& boot_id = "this boot")
      : database(open(folder.file("store"))),
        writer(database->store(), background, log),
        revocations(*database, writer, log),
        tokens(*database, revocations, writer, log),
        installations(*database, writer, log),
        clocks(*database, writer, log, boot_id) {}

  std::unique_ptr<Database> database;
  StoreWriter writer;
  RevocationStore revocations;
  TokenStore tokens;
  InstallationStore installations;
  ClockStore clocks;

 private:
  static std::unique_ptr<Database> open(const std::string& folder) {
    auto database = Database::open(folder, {SecretBytes(std::string(32, 'k'))});
    if (!database.ok()) std::abort();
    return std::move(database).value();
  }
};

}  // namespace tokman
