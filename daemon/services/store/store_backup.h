#pragma once
// Copies of the store, made off the loop while it is used: consistent, and sealed as it is.
//
// One at a time. A copy is written to its end even if its caller has gone. Destroying this object
// waits for that.
#include <cstdint>
#include <functional>
#include <memory>

#include "daemon/base/ports.h"
#include "daemon/platform/lmdb/store.h"
#include "libtokman/base/fd.h"

namespace tokman {

class StoreBackup {
 public:
  // REQUIRES: both outlive this object.
  StoreBackup(Store& store, Background& background) : store_(store), background_(background) {}
  ~StoreBackup();
  StoreBackup(const StoreBackup&) = delete;
  StoreBackup& operator=(const StoreBackup&) = delete;

  // Gives the length of the file. TOKMAN_E_BUSY while another copy is being made;
  // TOKMAN_E_INVALID_ARGUMENT if this is not a regular file open for writing: anything else could
  // make the copy wait for ever.
  using Callback = std::function<void(const Result<std::int64_t>&)>;
  [[nodiscard]] Result<OperationPtr> start(Fd file, Callback callback);

 private:
  struct Copy;

  Store& store_;
  Background& background_;
  std::weak_ptr<Copy> copy_;  // Kept by the work that makes it.
};

}  // namespace tokman
