#include "daemon/services/store/store_writer.h"

#include <algorithm>
#include <iterator>
#include <mutex>

namespace tokman {

struct StoreWriter::Batch {
  std::mutex writing;  // Held by whoever uses the rest.
  bool is_abandoned = false;
  std::vector<StoreChange> changes;
  Result<Done> outcome = Done{};

  void write_to(Store& store) {
    const std::lock_guard lock(writing);
    if (is_abandoned) return;
    outcome = store.write([this](WriteTxn& txn) -> Result<Done> {
      for (const StoreChange& change : changes) {
        if (Result<Done> applied = change.apply(txn); !applied.ok()) return applied;
      }
      return Done{};
    });
  }

  std::vector<StoreChange> abandon() {
    const std::lock_guard lock(writing);
    is_abandoned = true;
    return std::move(changes);
  }
};

StoreWriter::~StoreWriter() {
  if (batch_) batch_->abandon();  // What the callbacks hold is freed here, on the loop's thread.
}

Result<Done> StoreWriter::add(StoreChange change) {
  if (waiting_.size() >= kChangesMax) {
    return Error{TOKMAN_E_BUSY, "too many changes wait to be stored"};
  }
  enqueue(std::move(change));
  return Done{};
}

void StoreWriter::flush(std::function<void()> callback) {
  enqueue({.name = "",
           .apply = [](WriteTxn&) { return Done{}; },
           .done = [callback = std::move(callback)](const Result<Done>&) { callback(); }});
}

void StoreWriter::enqueue(StoreChange change) {
  if (!change.name.empty()) pending_.insert(change.name);
  waiting_.push_back(std::move(change));
  if (!batch_) start_batch();
}

void StoreWriter::start_batch() {
  batch_ = std::make_shared<Batch>();
  const auto end =
      waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kBatchMax));
  std::move(waiting_.begin(), end, std::back_inserter(batch_->changes));
  waiting_.erase(waiting_.begin(), end);
  writing_ = background_.run([batch = batch_, &store = store_] { batch->write_to(store); },
                             [this] { on_written(); });
}

void StoreWriter::on_written() {
  const std::shared_ptr<Batch> written = std::move(batch_);
  forget_pending(*written);
  last_error_ = written->outcome.ok() ? "" : written->outcome.error().message;
  if (!written->outcome.ok()) {
    log_.error("changes not stored",
               {{"changes", static_cast<std::int64_t>(written->changes.size())},
                {"error", written->outcome.error().message}});
  }
  if (!waiting_.empty()) start_batch();
  for (const StoreChange& change : written->changes) {
    if (change.done) change.done(written->outcome);  // *this may be gone from here on.
  }
}

void StoreWriter::forget_pending(const Batch& batch) {
  for (const StoreChange& change : batch.changes) {
    if (const auto name = pending_.find(change.name); name != pending_.end()) pending_.erase(name);
  }
}

}  // namespace tokman
