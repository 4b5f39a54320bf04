#include "daemon/services/operations/store_key_rotation.h"

#include <optional>
#include <utility>

namespace tokman {
namespace {

// A write of a few milliseconds, so that other changes need not wait long.
constexpr SealedTable::Stretch kStretchMax{.seen_max = 8192, .resealed_max = 512};

std::size_t next_sealed_table(std::size_t from) {
  while (from < kTables.size() && kTables[from].values != Values::sealed) ++from;
  return from;
}

}  // namespace

// What one transaction of a pass did.
struct StoreKeyRotation::Stretch {
  std::int64_t resealed = 0;
  std::int64_t unreadable = 0;
  std::optional<Place> rest;  // None at the end of the pass.
  bool is_rotated = false;    // The older keys are gone.

  // It may run again.
  Result<Done> reseal(WriteTxn& txn, Database& database, const Place& place, bool is_pass_clean) {
    *this = {};
    const SealedTable& table = database.sealed(static_cast<TableId>(place.table));
    const auto outcome = table.reseal(txn, place.key, kStretchMax);
    if (!outcome.ok()) return outcome.error();
    resealed = static_cast<std::int64_t>(outcome.value().resealed);
    unreadable = static_cast<std::int64_t>(outcome.value().unreadable);
    rest = rest_behind(place, outcome.value().rest_from);
    is_rotated = !rest && is_pass_clean && resealed == 0;
    if (!is_rotated) return Done{};
    return database.data_key_table().remove_older_than(txn, database.data_keys().newest());
  }

  static std::optional<Place> rest_behind(const Place& place, std::optional<std::string> key) {
    if (key) return Place{place.table, *std::move(key)};
    const std::size_t next = next_sealed_table(place.table + 1);
    if (next == kTables.size()) return std::nullopt;
    return Place{next};
  }
};

void StoreKeyRotation::resume() {
  if (progress().is_resealing) start_pass();
}

OperationPtr StoreKeyRotation::rotate(Callback callback) {
  OperationPtr waiting = waiters_.add(std::move(callback));
  if (!std::exchange(is_storing_key_, true)) store_new_key();
  return waiting;
}

StoreKeyRotation::Progress StoreKeyRotation::progress() const {
  const DataKeys& keys = world_.database.data_keys();
  return {keys.newest(), keys.has_older(), resealed_, unreadable_};
}

void StoreKeyRotation::store_new_key() {
  const DataKeys::Number number = world_.database.data_keys().newest() + 1;
  const auto key = std::make_shared<const SecretBytes>(DataKeys::make_key());
  const Result<Done> added = world_.writer.add(
      {.name = "",
       .apply = [&database = world_.database, number,
                 key](WriteTxn& txn) { return database.data_key_table().put(txn, number, *key); },
       .done = [this, number,
                key](const Result<Done>& stored) { on_key_stored(number, *key, stored); }});
  if (added.ok()) return;
  retry_ = world_.timers.at(world_.clock.now(), [this, number, key, error = added.error()] {
    on_key_stored(number, *key, error);
  });
}

void StoreKeyRotation::on_key_stored(DataKeys::Number number, const SecretBytes& key,
                                     const Result<Done>& stored) {
  is_storing_key_ = false;
  if (!stored.ok()) return waiters_.answer_all(stored.error());
  world_.database.data_keys().add(number, key);
  start_pass();
  waiters_.answer_all(number);
}

void StoreKeyRotation::start_pass() {
  world_.log.info("sealing the store anew", {{"key", std::int64_t{progress().key}}});
  is_pass_clean_ = true;
  unreadable_ = 0;
  reseal_from(Place{next_sealed_table(0)});
}

void StoreKeyRotation::reseal_from(const Place& place) {
  const auto stretch = std::make_shared<Stretch>();
  const Result<Done> added = world_.writer.add(
      {.name = "",
       .apply = [&database = world_.database, place, stretch, is_clean = is_pass_clean_](
                    WriteTxn& txn) { return stretch->reseal(txn, database, place, is_clean); },
       .done =
           [this, place, stretch](const Result<Done>& stored) {
             if (!stored.ok()) return retry_from(place, stored.error());
             on_resealed(*stretch);
           }});
  if (!added.ok()) retry_from(place, added.error());
}

void StoreKeyRotation::on_resealed(const Stretch& stretch) {
  resealed_ += stretch.resealed;
  unreadable_ += stretch.unreadable;
  is_pass_clean_ = is_pass_clean_ && stretch.resealed == 0;
  if (stretch.rest) return reseal_from(*stretch.rest);
  if (!stretch.is_rotated) return start_pass();
  world_.database.data_keys().forget_older_than_newest();
  world_.log.info("the store is sealed anew", {{"key", std::int64_t{progress().key}},
                                               {"resealed", resealed_},
                                               {"unreadable", unreadable_}});
}

void StoreKeyRotation::retry_from(const Place& place, const Error& error) {
  world_.log.warning("sealing the store anew is interrupted", {{"error", error.message}});
  retry_ =
      world_.timers.at(world_.clock.now() + kRetryAfter, [this, place] { reseal_from(place); });
}

}  // namespace tokman
