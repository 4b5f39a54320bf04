#pragma once
// The one writer of the store: takes changes on the loop, and writes them off it, in batches.
//
// What is added while a batch is being written goes into the next one, many changes in one commit.
// Changes are applied in the order they were added. A batch that fails (a full disk, say) is
// logged and its changes are lost; the next one is tried all the same. Destroying the writer waits
// for the batch being written and drops the rest: flush() first.
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/platform/lmdb/store.h"

namespace tokman {

struct StoreChange {
  // What is changed, for is_pending(); "" if no one will ask.
  std::string name;
  // Runs on another thread, and again if the map was full: no effect but on the transaction, or
  // one that replaces that of an earlier run.
  std::function<Result<Done>(WriteTxn&)> apply;
  // On the loop, once the change is on disk or its batch has failed. May be empty.
  std::function<void(const Result<Done>&)> done = {};
};

class StoreWriter {
 public:
  static constexpr std::size_t kChangesMax = 10'000;
  // LMDB keeps the memory of the pages of its largest transaction.
  static constexpr std::size_t kBatchMax = 256;

  // REQUIRES: all outlive this object.
  StoreWriter(Store& store, Background& background, Log& log)
      : store_(store), background_(background), log_(log) {}
  ~StoreWriter();
  StoreWriter(const StoreWriter&) = delete;
  StoreWriter& operator=(const StoreWriter&) = delete;

  // TOKMAN_E_BUSY, and nothing else happens, while kChangesMax changes wait.
  Result<Done> add(StoreChange change);

  // Whether a change of that name is not on disk yet: what the store says about it is out of date.
  bool is_pending(std::string_view name) const { return pending_.contains(name); }

  // Why the newest batch was not written; "" if it was.
  const std::string& last_error() const { return last_error_; }

  // Calls back once everything added so far is on disk or has failed.
  void flush(std::function<void()> callback);

 private:
  struct Batch;

  void enqueue(StoreChange change);
  void start_batch();
  void on_written();
  void forget_pending(const Batch& batch);

  Store& store_;
  Background& background_;
  Log& log_;
  std::deque<StoreChange> waiting_;
  std::multiset<std::string, std::less<>> pending_;  // Names, of changes waiting or being written.
  std::shared_ptr<Batch> batch_;  // Being written; shared with the thread that does it.
  OperationPtr writing_;
  std::string last_error_;
};

}  // namespace tokman
