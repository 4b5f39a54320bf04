// Measures access tokens and their history in a store of a given size, as tokmand uses it.
//
//   bench_access FOLDER TOKENS
//
// Makes a store of that many tokens, each with kEntriesPerToken entries in the history; every user
// has kTokensPerUser, and a tenth of them have expired. One line of JSON comes out: medians in
// microseconds, and the longest time that the loop stood still while the expired ones were ended.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "daemon/platform/crypto/digest.h"
#include "daemon/platform/crypto/openssl_random.h"
#include "daemon/platform/linux/line_writer.h"
#include "daemon/platform/uv/loop.h"
#include "daemon/services/access/access_tokens.h"
#include "daemon/services/access/history_reader.h"
#include "daemon/services/access/maintenance.h"
#include "daemon/services/store/database.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;
using Stopwatch = std::chrono::steady_clock;

constexpr std::size_t kEntriesPerToken = 5;
constexpr std::size_t kTokensPerUser = 125;
constexpr std::size_t kExpiredEvery = 10;
constexpr std::size_t kTokensPerWrite = 4096;
constexpr std::size_t kPageRows = 100;
constexpr int kGets = 20'000;
constexpr int kPages = 1000;
constexpr std::string_view kSecret = "the-secret-of-each-one";

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "bench_access: %s\n", what);
  std::exit(1);
}

double microseconds_since(Stopwatch::time_point begin) {
  return std::chrono::duration<double, std::micro>(Stopwatch::now() - begin).count();
}

template <class Ask>
double median_us(int count, Ask ask) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    const auto begin = Stopwatch::now();
    ask();
    times.push_back(microseconds_since(begin));
  }
  std::nth_element(times.begin(), times.begin() + count / 2, times.end());
  return times[static_cast<std::size_t>(count) / 2];
}

class AccessBench {
 public:
  AccessBench(const std::string& folder, std::size_t count)
      : database_(Database::open(folder, {SecretBytes(std::string(32, 'k'))}).value()) {
    for (std::size_t i = 0; i < count; ++i) keys_.push_back(make_access_token(random_).key);
    std::sort(keys_.begin(), keys_.end());  // They are written much faster in their order.
  }

  void fill() {
    for (std::size_t from = 0; from < keys_.size(); from += kTokensPerWrite) {
      const std::size_t end = std::min(from + kTokensPerWrite, keys_.size());
      const Result<Done> written = database_->store().write([&](WriteTxn& txn) -> Result<Done> {
        Result<Done> put_all = Done{};
        for (std::size_t i = from; i < end && put_all.ok(); ++i) put_all = put(txn, i);
        return put_all;
      });
      must(written.ok(), "the store was not written");
    }
  }

  double get_us() {
    const AccessCaller caller{.username = "root", .scopes = {"admin:token"}};
    return median_us(kGets, [&] {
      must(tokens_.get_token_info(caller, keys_[any_alive()], {}).ok(), "a token was not found");
    });
  }

  double list_us() {
    return median_us(kPages, [this] {
      AccessCaller caller{.username = user_of(any()), .scopes = {"user:token"}};
      const OperationPtr asking =
          tokens_.list_tokens(caller, {.limit = kPageRows}, [this](const Result<TokenPage>& page) {
            must(page.ok() && page.value().tokens.size() == kPageRows, "a list that is not full");
            loop_.stop();
          });
      loop_.run_until_stopped();
    });
  }

  double history_us() {
    return median_us(kPages, [this] {
      HistoryQuery query{.limit = kPageRows};
      query.filter.username = user_of(any());
      const OperationPtr asking = history_.read(query, [this](const Result<HistoryPage>& page) {
        must(page.ok() && page.value().rows.size() == kPageRows, "a history that is not full");
        loop_.stop();
      });
      loop_.run_until_stopped();
    });
  }

  // Tokens are asked for all the while.
  double longest_pause_us() {
    const OperationPtr expiring = maintenance_.expire_tokens([this](const auto& expired) {
      const auto wanted = static_cast<std::int64_t>(keys_.size() / kExpiredEvery);
      must(expired.ok() && expired.value() >= wanted, "others have expired than should have");
      loop_.stop();
    });
    preemptions_ = count_preemptions();
    last_turn_ = Stopwatch::now();
    turn();
    loop_.run_until_stopped();
    turn_.reset();
    return longest_us_;
  }

 private:
  std::size_t any() {
    return static_cast<std::size_t>(random_.fraction() * static_cast<double>(keys_.size()));
  }
  std::string user_of(std::size_t number) const {
    return "user-" + std::to_string(number % users());
  }
  std::size_t users() const { return keys_.size() / kTokensPerUser; }
  // As many of each user's.
  bool is_expired(std::size_t number) const { return number / users() % kExpiredEvery == 0; }

  Result<Done> put(WriteTxn& txn, std::size_t number) {
    const UnixTime now = loop_.unix_now();
    AccessTokenRecord record{.info = {.key = keys_[number],
                                      .type = TokenType::user,
                                      .username = user_of(number),
                                      .name = "token " + std::to_string(number),
                                      .scopes = {"github:token", "user:token"},
                                      .created = now - 24h,
                                      .expires = now + (is_expired(number) ? -1s : 24h * 90)},
                             .secret_hash = sha256(kSecret),
                             .secret = {}};
    Result<Done> written = tokens_table_.put(txn, record);
    for (std::size_t i = 0; i < kEntriesPerToken && written.ok(); ++i) {
      const HistoryEntry entry{.time = now - 24h,
                               .action = i == 0 ? HistoryAction::create : HistoryAction::edit,
                               .actor = {.name = record.info.username, .uid = 1000, .gid = 1000},
                               .token = record.info};
      written = history_table_.append(txn, entry);
    }
    return written;
  }

  std::size_t any_alive() {
    std::size_t number = any();
    while (is_expired(number)) number = any();
    return number;
  }

  static long count_preemptions() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
  }

  // A turn in which the kernel gave the processor to somebody else does not count.
  void turn() {
    const double took_us = microseconds_since(last_turn_);
    const long preemptions = count_preemptions();
    if (preemptions == preemptions_) longest_us_ = std::max(longest_us_, took_us);
    preemptions_ = preemptions;
    last_turn_ = Stopwatch::now();
    const AccessToken token{keys_[any_alive()], SecretBytes(kSecret)};
    must(tokens_.judge(token, loop_.unix_now()).ok(), "a token was not found");
    turn_ = loop_.at(loop_.now(), [this] { turn(); });
  }

  static AccessTerms terms() { return {.token_lifetime = 24h, .user_token_lifetime = 24h * 90}; }

  Loop loop_;
  OpenSslRandom random_;
  LineWriter lines_{STDERR_FILENO};
  Log log_{lines_, LogLevel::error};
  std::unique_ptr<Database> database_;
  StoreWriter writer_{database_->store(), loop_, log_};
  CredentialEpoch epoch_;
  AccessTokenTable tokens_table_{*database_};
  HistoryTable history_table_{*database_};
  AccessTokens tokens_{{*database_, writer_, epoch_, terms, loop_, loop_, loop_, random_, log_}};
  HistoryReader history_{*database_, loop_};
  Maintenance maintenance_{
      {*database_, writer_, epoch_, loop_, loop_, log_, [] { return 24h * 365; }}};
  std::vector<std::string> keys_;
  Stopwatch::time_point last_turn_;
  double longest_us_ = 0;
  long preemptions_ = 0;
  OperationPtr turn_;
};

}  // namespace
}  // namespace tokman

int main(int argc, char** argv) {
  using namespace tokman;
  must(argc == 3, "FOLDER TOKENS");
  const auto count = parse_int(argv[2]);
  must(count && *count >= 1000, "TOKENS must be a number, 1000 at least");
  AccessBench bench(argv[1], static_cast<std::size_t>(*count));
  const auto begin = Stopwatch::now();
  bench.fill();
  const double filled_us = microseconds_since(begin);
  const double get_us = bench.get_us(), list_us = bench.list_us(), history_us = bench.history_us();
  std::printf(R"({"fill_s": %.1f, "get_us": %.2f, "list_us": %.1f, "history_us": %.1f, )"
              R"("longest_pause_ms": %.2f})"
              "\n",
              filled_us / 1e6, get_us, list_us, history_us, bench.longest_pause_us() / 1e3);
  return 0;
}
