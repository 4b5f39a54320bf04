#pragma once
// Looks at everything in the store, a bounded number of rows at a time, while it is in use; and
// mends what can be mended.
//
// What is found in a transaction is mended in the same one. A record has one finding for each check
// that it fails, however many faults of that kind it has.
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "daemon/services/access/audit_checks.h"

namespace tokman {

struct AuditReport {
  std::vector<AuditFinding> findings;
  bool has_more = false;  // It ended at kFindingsMax.
};

class StoreAudit {
 public:
  static constexpr std::size_t kFindingsMax = 1000;

  struct World {  // REQUIRES: all outlive this object, and the writer's last callback.
    Database& database;
    StoreWriter& writer;
    CredentialEpoch& epoch;
    Background& background;
    const Clock& clock;
    Timers& timers;
    std::function<AuditTerms()> terms;  // Of the configuration.
  };

  explicit StoreAudit(World world) : world_(std::move(world)) {}

  enum class Mending : std::uint8_t { none, fix, fix_and_end_orphans };
  using Callback = std::function<void(Result<AuditReport>)>;

  // Destroying the operation ends it with the step that is under way.
  [[nodiscard]] OperationPtr run(Mending mending, Callback callback) const;

 private:
  class Run;

  World world_;
};

}  // namespace tokman
