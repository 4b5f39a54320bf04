#pragma once
// Where apps are installed, remembered across restarts: by app and owner.
//
// What cannot be read is logged, dropped and not there: it can be learned again from GitHub.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/log.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

struct StoredInstallation {
  std::int64_t id = 0;
  std::string account;
};

class InstallationStore {
 public:
  // REQUIRES: all outlive this object.
  InstallationStore(Database& database, StoreWriter& writer, Log& log)
      : store_(database.store()),
        table_(database.sealed(TableId::installations)),
        writer_(writer),
        log_(log) {}

  // None also between a change and its commit.
  std::optional<StoredInstallation> find(std::string_view app, std::string_view owner);

  void put(std::string_view app, std::string_view owner, const StoredInstallation& installation);
  void drop(std::string_view app, std::string_view owner);

 private:
  Result<std::optional<StoredInstallation>> read(const std::string& key);
  void add(StoreChange change);

  Store& store_;
  const SealedTable& table_;
  StoreWriter& writer_;
  Log& log_;
};

}  // namespace tokman
