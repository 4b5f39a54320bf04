#pragma once
// What was learned of the clock of each GitHub server, remembered across restarts.
//
// The boot clock begins anew with the machine: what was learned by it counts for the same boot
// only. What cannot be read is logged and not there: the next answer from GitHub tells it again.
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/log.h"
#include "daemon/domain/github/host_clock.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

class ClockStore {
 public:
  // boot_id: changes whenever the machine is started; "" if that is not known.
  // REQUIRES: the rest outlives this object.
  ClockStore(Database& database, StoreWriter& writer, Log& log, std::string boot_id)
      : store_(database.store()),
        table_(database.sealed(TableId::clocks)),
        writer_(writer),
        log_(log),
        boot_id_(std::move(boot_id)) {}

  std::optional<LearnedClock> find(std::string_view api_base);
  void put(std::string_view api_base, const LearnedClock& learned);

 private:
  Store& store_;
  const SealedTable& table_;
  StoreWriter& writer_;
  Log& log_;
  std::string boot_id_;
};

}  // namespace tokman
