#include "daemon/services/access/state_counts.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "daemon/platform/crypto/digest.h"
#include "daemon/services/store/store_jobs.h"

namespace tokman {
namespace {

constexpr int kRestPerWork = 100;
constexpr std::chrono::seconds kRestMin{1};

// Goes through the tokens user by user, which is how the index has them.
class Counting {
 public:
  Counting(Database& database, UnixTime now)
      : store_(database.store()),
        tokens_(database),
        by_user_(database.in_clear(TableId::by_user)),
        counts_{.counted_at = now} {}

  Result<TokenCounts> run(const std::atomic<bool>& is_wanted) {
    std::optional<std::string> from = after_everybody();
    while (from && is_wanted) {
      const std::string here = *std::exchange(from, std::nullopt);
      const Result<Done> done =
          store_.read([&](const ReadTxn& txn) { return count_some(txn, here, from); });
      if (!done.ok()) return done.error();
    }
    return counts_;
  }

 private:
  // Behind the part of the index that has everybody's tokens once more.
  static std::string after_everybody() { return std::string(kSha256Bytes - 1, '\0') + '\1'; }

  Result<Done> count_some(const ReadTxn& txn, const std::string& from,
                          std::optional<std::string>& rest) {
    std::size_t looked_at = 0;
    return txn.for_each(by_user_, from, [&](std::string_view entry, std::string_view) {
      if (looked_at++ == StoreJobs::kRowsPerStep) {
        rest = entry;
        return false;
      }
      if (entry.size() < kSha256Bytes + AccessTokenTable::kPositionBytes) return true;
      const auto token = tokens_.find(txn, entry.substr(entry.size() - kAccessTokenPartChars));
      if (token.ok() && token.value() && token.value()->info.is_alive(counts_.counted_at)) {
        count(entry.substr(0, kSha256Bytes), token.value()->info.type);
      }
      return true;
    });
  }

  void count(std::string_view user, TokenType type) {
    if (user_ != user) {
      user_ = user;
      seen_ = {};
    }
    const auto index = static_cast<std::size_t>(type);
    ++counts_.tokens[index];
    if (!std::exchange(seen_[index], true)) ++counts_.users[index];
  }

  Store& store_;
  AccessTokenTable tokens_;
  Table by_user_;
  TokenCounts counts_;
  std::string user_;                                 // Whose tokens come now,
  std::array<bool, kTokenTypeNames.size()> seen_{};  // and which types it has.
};

}  // namespace

const std::optional<TokenCounts>& StateCounts::token_counts() {
  if (!counting_ && clock_.now() >= next_at_) start();
  return last_;
}

void StateCounts::start() {
  const auto counts = std::make_shared<Result<TokenCounts>>(TokenCounts{});
  counting_ = background_.run(
      [&database = database_, now = clock_.unix_now(), counts, is_wanted = is_wanted_] {
        *counts = Counting(database, now).run(*is_wanted);
      },
      [this, started = clock_.now(), counts] { on_counted(started, *counts); });
}

void StateCounts::on_counted(Instant started, const Result<TokenCounts>& counts) {
  counting_.reset();
  if (counts.ok()) last_ = counts.value();
  const Instant now = clock_.now();
  next_at_ = now + std::max<Instant::duration>(kRestMin, (now - started) * kRestPerWork);
}

std::int64_t StateCounts::rows(TableId table) const {
  const Table stored = database_.sealed(table).as_stored();
  const auto count = database_.store().read([&](const ReadTxn& txn) { return txn.count(stored); });
  return count.ok() ? static_cast<std::int64_t>(count.value()) : 0;
}

}  // namespace tokman
