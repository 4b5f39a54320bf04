#pragma once
// How many access tokens there are, of how many users; for gauges.
//
// A count looks at every token, off the loop. A new one begins when somebody asks and the last one
// is old: a hundred times as old as it took, so that counting takes a hundredth of a thread at
// most, however many tokens there are and however often it is asked.
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "daemon/services/store/access_token_table.h"

namespace tokman {

struct TokenCounts {
  std::array<std::int64_t, kTokenTypeNames.size()> tokens{};  // Alive, by type.
  std::array<std::int64_t, kTokenTypeNames.size()> users{};   // Who have any of that type.
  UnixTime counted_at{};
};

class StateCounts {
 public:
  // REQUIRES: all outlive this object, and the database the count that was begun.
  StateCounts(Database& database, Background& background, const Clock& clock)
      : database_(database), background_(background), clock_(clock) {}
  ~StateCounts() { *is_wanted_ = false; }
  StateCounts(const StateCounts&) = delete;
  StateCounts& operator=(const StateCounts&) = delete;

  // None before the first count has ended.
  const std::optional<TokenCounts>& token_counts();

  // These cost nothing.
  std::int64_t clients() const { return rows(TableId::clients); }
  std::int64_t history_entries() const { return rows(TableId::history); }

 private:
  void start();
  void on_counted(Instant started, const Result<TokenCounts>& counts);
  std::int64_t rows(TableId table) const;

  Database& database_;
  Background& background_;
  const Clock& clock_;
  // Shared with the thread that counts, which ends soon after this object.
  std::shared_ptr<std::atomic<bool>> is_wanted_ = std::make_shared<std::atomic<bool>>(true);
  std::optional<TokenCounts> last_;
  Instant next_at_{};
  OperationPtr counting_;
};

}  // namespace tokman
