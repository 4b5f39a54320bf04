#pragma once
// Another data key for the store, while the store is used.
//
//   rotate() -> the new key is stored -> it seals -> passes over the tables, a stretch at a time:
//            -> what older keys sealed is sealed anew -> until a pass meets nothing to be done
//            -> the transaction that ends that pass removes the older keys
//
// Nothing is sealed with an older key any more when the first pass begins: so a pass that met none
// of their values leaves none behind. That there are older keys is what says, after a crash as
// well, that there is something left to do: resume() begins a pass again. A value that no key opens
// stays as it is, is counted, and keeps no key alive. A stretch that could not be written is tried
// again.
#include <cstdint>
#include <memory>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/base/waiters.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

class StoreKeyRotation {
 public:
  static constexpr std::chrono::seconds kRetryAfter{30};

  struct World {  // REQUIRES: all outlive this object, and it the writer's last callback.
    Database& database;
    StoreWriter& writer;
    const Clock& clock;
    Timers& timers;
    Log& log;
  };

  explicit StoreKeyRotation(World world) : world_(world) {}
  StoreKeyRotation(const StoreKeyRotation&) = delete;
  StoreKeyRotation& operator=(const StoreKeyRotation&) = delete;

  // Goes on with what a former process did not finish.
  void resume();

  // Gives the number of the new key once that seals; the rest goes on by itself.
  // REQUIRES: !progress().is_resealing
  using Callback = Waiters<Result<DataKeys::Number>>::Callback;
  [[nodiscard]] OperationPtr rotate(Callback callback);

  struct Progress {
    DataKeys::Number key = 0;  // That seals.
    bool is_resealing = false;
    std::int64_t resealed = 0;    // Since the start of tokmand.
    std::int64_t unreadable = 0;  // Met by the newest pass.
  };
  Progress progress() const;

 private:
  // Where a pass has come to.
  struct Place {
    std::size_t table = 0;
    std::string key = "";
  };
  struct Stretch;

  void store_new_key();
  void on_key_stored(DataKeys::Number number, const SecretBytes& key, const Result<Done>& stored);
  void start_pass();
  void reseal_from(const Place& place);
  void on_resealed(const Stretch& stretch);
  void retry_from(const Place& place, const Error& error);

  World world_;
  Waiters<Result<DataKeys::Number>> waiters_;
  bool is_storing_key_ = false;
  bool is_pass_clean_ = true;  // Met nothing to be sealed anew so far.
  std::int64_t resealed_ = 0;
  std::int64_t unreadable_ = 0;
  OperationPtr retry_;
};

}  // namespace tokman
