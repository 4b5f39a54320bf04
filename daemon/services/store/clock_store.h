#pragma once
// How far this machine's clock is from that of each GitHub server, remembered across restarts.
//
// What cannot be read is logged and not there: the next answer from GitHub tells it again.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/log.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

class ClockStore {
 public:
  // REQUIRES: all outlive this object.
  ClockStore(Database& database, StoreWriter& writer, Log& log)
      : store_(database.store()),
        table_(database.sealed(TableId::clocks)),
        writer_(writer),
        log_(log) {}

  std::optional<std::chrono::seconds> find(std::string_view api_base);
  void put(std::string_view api_base, std::chrono::seconds offset);

 private:
  Store& store_;
  const SealedTable& table_;
  StoreWriter& writer_;
  Log& log_;
};

}  // namespace tokman
