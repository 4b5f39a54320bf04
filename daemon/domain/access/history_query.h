#pragma once
// What is asked of the history: which entries, from where on, and how many.
//
// Pages go from the newest entry to the oldest. A cursor names a place between two entries, not an
// offset: what is added or forgotten meanwhile neither repeats nor hides an entry.
#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/domain/access/address_range.h"
#include "daemon/domain/access/history_entry.h"

namespace tokman {

// What is empty does not matter.
struct HistoryFilter {
  std::string username = {};
  std::string key = {};                // Of the token or of its direct parent.
  std::set<std::string> subtree = {};  // Keys of the tokens.
  std::string client = {};
  std::string actor = {};
  std::string unit = {};
  std::optional<uid_t> uid = {};
  std::optional<gid_t> gid = {};
  std::optional<AddressRange> address = {};
  std::set<HistoryKind> kinds = {};
  std::set<TokenType> types = {};
  std::set<HistoryAction> actions = {};
  std::optional<UnixTime> since = {};  // Both ends included.
  std::optional<UnixTime> until = {};

  bool matches(const HistoryEntry& entry) const;

 private:
  bool matches_subject(const HistoryEntry& entry) const;
  bool matches_actor(const Actor& from) const;
};

// "<seconds>_<number>": that entry and older ones; with a "p" before it: entries newer than that.
struct HistoryCursor {
  enum class Towards : bool { older, newer };

  HistoryPlace place;
  Towards towards = Towards::older;

  std::string text() const;
  bool operator==(const HistoryCursor&) const = default;
};
std::optional<HistoryCursor> parse_history_cursor(std::string_view text);

struct HistoryRow {
  HistoryPlace place;
  HistoryEntry entry;
};

struct HistoryPage {
  std::vector<HistoryRow> rows;            // The newest first.
  std::optional<HistoryCursor> next = {};  // To older ones,
  std::optional<HistoryCursor> prev = {};  // and to newer ones.
  std::optional<std::size_t> total = {};
};

struct HistoryQuery {
  static constexpr std::size_t kLimitDefault = 100;
  static constexpr std::size_t kLimitMax = 1000;

  HistoryFilter filter = {};
  bool with_subtree = false;  // filter.key stands for the token and all that descends from it.
  std::optional<HistoryCursor> cursor = {};
  std::size_t limit = kLimitDefault;
  bool wants_total = false;
};

}  // namespace tokman
