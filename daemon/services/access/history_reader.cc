#include "daemon/services/access/history_reader.h"

#include <algorithm>
#include <memory>

namespace tokman {
namespace {

// So that no transaction holds the store's pages for long.
constexpr std::size_t kExaminedPerTransaction = 1000;
constexpr std::uint64_t kLastNumber = INT64_MAX;

using Towards = HistoryCursor::Towards;

// One call's way through the history.
class HistoryScan {
 public:
  HistoryScan(Database& database, HistoryQuery query)
      : store_(database.store()),
        history_(database),
        tokens_(database),
        query_(std::move(query)),
        path_(history_.by_time()) {}

  Result<HistoryPage> run() {
    Result<Done> done = find_path();
    const bool is_newer = query_.cursor && query_.cursor->towards == Towards::newer;
    if (done.ok()) done = is_newer ? read_newer() : read_older();
    if (done.ok() && query_.wants_total) done = count();
    if (!done.ok()) return done.error();
    return std::move(page_);
  }

 private:
  Result<Done> find_path();
  Result<Done> check_owner();
  Result<std::optional<std::string>> find_owner(const ReadTxn& txn) const;
  Result<Done> widen_to_subtree();
  Result<Done> read_older();
  Result<Done> read_newer();
  Result<Done> count();
  HistoryPlace newest_wanted() const;
  std::optional<HistoryEntry> find_match(const ReadTxn& txn, HistoryPlace place) const;

  // Calls visit until it returns false. In a direction and from a place as HistoryTable's walks.
  using Visit = std::function<bool(const ReadTxn&, HistoryPlace)>;
  Result<Done> walk(const HistoryTable::Path& path, Towards towards, HistoryPlace start,
                    const Visit& visit) const;

  Store& store_;
  HistoryTable history_;
  AccessTokenTable tokens_;
  HistoryQuery query_;
  HistoryTable::Path path_;
  HistoryPage page_ = {};
};

Result<Done> HistoryScan::find_path() {
  const HistoryFilter& filter = query_.filter;
  if (!filter.key.empty()) {
    path_ = history_.by_token(filter.key);
    if (Result<Done> checked = check_owner(); !checked.ok()) return checked;
    return query_.with_subtree ? widen_to_subtree() : Done{};
  }
  if (!filter.client.empty()) {
    path_ = history_.by_client(filter.client);
  } else if (!filter.username.empty()) {
    path_ = history_.by_user(filter.username);
  }
  return Done{};
}

Result<Done> HistoryScan::check_owner() {
  std::string& wanted = query_.filter.username;
  const auto owner = store_.read([this](const ReadTxn& txn) { return find_owner(txn); });
  if (!owner.ok()) return owner.error();
  if (!owner.value() || (!wanted.empty() && *owner.value() != wanted)) {
    return Error{TOKMAN_E_NOT_FOUND, "there is no token of that key, nor was one", "key"};
  }
  wanted = *owner.value();
  return Done{};
}

// The history may be forgotten while the token lives, and outlives it otherwise. A token's children
// are its user's.
Result<std::optional<std::string>> HistoryScan::find_owner(const ReadTxn& txn) const {
  if (!is_access_token_key(query_.filter.key)) return std::optional<std::string>();
  const auto token = tokens_.find(txn, query_.filter.key);
  if (token.ok() && token.value()) return std::optional(token.value()->info.username);
  std::optional<std::string> owner;
  const auto visit = [&](HistoryPlace place) {
    const auto entry = history_.find(txn, place);
    if (entry.ok() && entry.value()) owner = entry.value()->token.username;
    return !owner;
  };
  const Result<Done> walked = history_.walk_back(txn, path_, kNewestPlace, visit);
  if (!walked.ok()) return walked.error();
  return owner;
}

// Each child has an entry on its parent's path, even when both are gone.
Result<Done> HistoryScan::widen_to_subtree() {
  HistoryFilter& filter = query_.filter;
  std::vector<std::string> keys{std::exchange(filter.key, "")};
  filter.subtree.insert(keys.front());
  std::size_t left = HistoryReader::kExaminedMax;
  for (std::size_t i = 0; i < keys.size() && left > 0; ++i) {
    const auto visit = [&](const ReadTxn& txn, HistoryPlace place) {
      const auto entry = history_.find(txn, place);
      if (entry.ok() && entry.value()) {
        const std::string& key = entry.value()->token.key;
        if (filter.subtree.insert(key).second) keys.push_back(key);
      }
      return --left > 0;
    };
    const auto path = history_.by_token(keys[i]);
    if (Result<Done> done = walk(path, Towards::older, kNewestPlace, visit); !done.ok()) {
      return done;
    }
  }
  if (left == 0) {
    return Error{TOKMAN_E_INVALID_ARGUMENT,
                 "the token has too many descendants to go through; ask for each by its key",
                 "subtree"};
  }
  path_ = history_.by_user(filter.username);
  return Done{};
}

Result<Done> HistoryScan::read_older() {
  HistoryPlace start = newest_wanted();
  if (query_.cursor) {
    start = std::min(start, query_.cursor->place);
    page_.prev = HistoryCursor{query_.cursor->place, Towards::newer};
  }
  std::size_t left = HistoryReader::kExaminedMax;
  return walk(path_, Towards::older, start, [&](const ReadTxn& txn, HistoryPlace place) {
    if (query_.filter.since && place.time < *query_.filter.since) return false;
    auto match = find_match(txn, place);
    if (left-- == 0 || (match && page_.rows.size() == query_.limit)) {
      page_.next = HistoryCursor{place, Towards::older};
      return false;
    }
    if (match) page_.rows.push_back({place, std::move(*match)});
    return true;
  });
}

Result<Done> HistoryScan::read_newer() {
  HistoryPlace last = query_.cursor->place;
  page_.next = HistoryCursor{last, Towards::older};
  if (const auto since = query_.filter.since) {
    last = std::max(last, HistoryPlace{*since - std::chrono::seconds(1), kLastNumber});
  }
  std::size_t left = HistoryReader::kExaminedMax;
  const auto visit = [&](const ReadTxn& txn, HistoryPlace place) {
    if (place > newest_wanted()) return false;
    auto match = find_match(txn, place);
    if (left-- == 0 || (match && page_.rows.size() == query_.limit)) {
      page_.prev = HistoryCursor{last, Towards::newer};
      return false;
    }
    if (match) page_.rows.push_back({place, std::move(*match)});
    last = place;
    return true;
  };
  Result<Done> walked = walk(path_, Towards::newer, last, visit);
  std::reverse(page_.rows.begin(), page_.rows.end());
  return walked;
}

Result<Done> HistoryScan::count() {
  std::size_t left = HistoryReader::kExaminedMax;
  std::size_t matching = 0;
  bool is_whole = true;
  const auto visit = [&](const ReadTxn& txn, HistoryPlace place) {
    if (query_.filter.since && place.time < *query_.filter.since) return false;
    is_whole = left-- > 0;
    if (is_whole && find_match(txn, place)) ++matching;
    return is_whole;
  };
  Result<Done> walked = walk(path_, Towards::older, newest_wanted(), visit);
  if (is_whole) page_.total = matching;
  return walked;
}

HistoryPlace HistoryScan::newest_wanted() const {
  const auto until = query_.filter.until;
  return until ? HistoryPlace{*until, kLastNumber} : kNewestPlace;
}

std::optional<HistoryEntry> HistoryScan::find_match(const ReadTxn& txn, HistoryPlace place) const {
  auto entry = history_.find(txn, place);
  if (!entry.ok() || !entry.value()) return std::nullopt;
  if (!query_.filter.matches(*entry.value())) return std::nullopt;
  return std::move(entry).value();
}

Result<Done> HistoryScan::walk(const HistoryTable::Path& path, Towards towards, HistoryPlace start,
                               const Visit& visit) const {
  const bool is_older = towards == Towards::older;
  std::optional<HistoryPlace> rest = start;
  while (rest) {
    const HistoryPlace from = *std::exchange(rest, std::nullopt);
    Result<Done> walked = store_.read([&](const ReadTxn& txn) {
      std::size_t examined = 0;
      HistoryPlace last = from;
      const auto examine = [&](HistoryPlace place) {
        if (examined++ == kExaminedPerTransaction) rest = is_older ? place : last;
        last = place;
        return !rest && visit(txn, place);
      };
      return is_older ? history_.walk_back(txn, path, from, examine)
                      : history_.walk_forward(txn, path, from, examine);
    });
    if (!walked.ok()) return walked;
  }
  return Done{};
}

}  // namespace

OperationPtr HistoryReader::read(HistoryQuery query, Callback callback) {
  const auto page = std::make_shared<Result<HistoryPage>>(HistoryPage{});
  return background_.run(
      [&database = database_, query = std::move(query), page]() mutable {
        *page = HistoryScan(database, std::move(query)).run();
      },
      [page, callback = std::move(callback)] { callback(std::move(*page)); });
}

}  // namespace tokman
