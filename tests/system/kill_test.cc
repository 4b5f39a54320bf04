// a process that makes, changes, deletes and expires access tokens is killed at a thousand
// random points. After each the audit of its store is clean, what was acknowledged is there, and
// the history agrees with the records.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>

#include "daemon/services/access/maintenance.h"
#include "daemon/services/access/store_audit.h"
#include "libtokman/base/fd.h"
#include "tests/component/access/access_world.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/system/acknowledged.h"

namespace tokman {
namespace {

constexpr int kLives = 1000;
constexpr int kLivesPerStore = 10;  // So that none grows large.
constexpr std::chrono::seconds kLifeTakes{10'000};
constexpr std::chrono::seconds kRoundTakes{100};

// Keys of no two lives are equal.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(char* bytes, std::size_t size) override {
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(engine_());
  }
  double fraction() override { return 0.5; }
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }

 private:
  std::mt19937_64 engine_;
};

// The process that is going to be killed.
class Victim {
 public:
  Victim(AccessWorld& world, int life, int reports)
      : world_(world),
        random_(static_cast<std::uint64_t>(life) + 1),
        reports_(reports),
        name_("life-" + std::to_string(life)),
        tokens_(AccessTokens::World{*world.database, *world.writer, world.epoch,
                                    [this] { return world_.terms; }, world.clock, world.timers,
                                    world.background, random_, world.log}),
        maintenance_(Maintenance::World{*world.database, *world.writer, world.epoch, world.clock,
                                        world.timers, world.log,
                                        [] { return std::chrono::hours(24 * 365); }}) {
    TokenPage page = world_.list(AccessWorld::admin(), {.all = true}).value();
    known_ = std::move(page.tokens);
  }

  [[noreturn]] void live() {
    while (true) {
      world_.pass(kRoundTakes);
      waited_.clear();
      make();
      if (known_.size() > 2) change();
      if (random_.below(3) == 0) expire();
      world_.settle();
    }
  }

 private:
  void report(const std::string& line) const {
    const std::string text = line + "\n";
    if (write(reports_, text.data(), text.size()) < 0) _exit(1);
  }
  void note_made(const Result<IssuedToken>& made) {
    if (!made.ok()) return;
    report(Acknowledged::made(made.value().info));
    known_.push_back(made.value().info);
  }

  // A session, a named token, and a child of one of them.
  void make() {
    const AccessCaller packit = AccessWorld::user("packit");
    const UnixTime end = world_.now() + std::chrono::seconds(300 + random_.below(2000));
    const auto note = [this](const Result<IssuedToken>& made) { note_made(made); };
    waited_.push_back(tokens_.create_session_token(packit, std::nullopt, note));
    const std::string name = name_ + "-" + std::to_string(++names_);
    waited_.push_back(tokens_.create_user_token(
        packit, {.name = name, .scopes = {"user:token"}, .expiry = {.at = end}}, note));
    if (known_.empty()) return;
    const AccessTokenInfo& parent = any();
    waited_.push_back(
        tokens_.get_child_token(AccessWorld::holder(parent), AccessWorld::notebook(), note));
  }

  void change() {
    const AccessTokenInfo renamed = any();
    if (renamed.type == TokenType::user) {
      report(Acknowledged::renaming(renamed.key));
      const std::string name = name_ + "+" + std::to_string(++names_);
      waited_.push_back(tokens_.modify_token(AccessWorld::admin(), renamed.key, std::nullopt,
                                             {.name = name},
                                             [this](const Result<AccessTokenInfo>& done) {
                                               if (done.ok())
                                                 report(Acknowledged::renamed(done.value()));
                                             }));
    }
    const std::string key = any().key;
    if (key == renamed.key) return;
    report(Acknowledged::deleting(key));
    waited_.push_back(tokens_.delete_token(
        AccessWorld::admin(), key, std::nullopt, [this, key](const Result<std::int64_t>& done) {
          if (done.ok()) report(Acknowledged::deleted(key));
          std::erase_if(known_, [&](const auto& info) { return info.key == key; });
        }));
  }

  void expire() {
    const UnixTime now = world_.now();
    report(Acknowledged::expiring(now));
    waited_.push_back(maintenance_.expire_tokens([this, now](const Result<std::int64_t>& done) {
      if (done.ok()) report(Acknowledged::expired(now));
    }));
  }

  const AccessTokenInfo& any() { return known_[random_.below(known_.size())]; }

  AccessWorld& world_;
  SeededRandom random_;
  int reports_;
  std::string name_;
  int names_ = 0;
  AccessTokens tokens_;
  Maintenance maintenance_;
  std::vector<AccessTokenInfo> known_;
  std::vector<OperationPtr> waited_;
};

struct Killed {
  std::unique_ptr<AccessWorld> world;
  SeededRandom random{42};
  Acknowledged said;

  // LMDB must not be open across fork().
  void close() {
    world->operations.clear();
    world->tokens.reset();
    world->close();
  }
  void reopen() {
    world->open();
    world->tokens = world->make_tokens();
  }
  void begin_store() {
    world = std::make_unique<AccessWorld>();
    said = {};
    close();
  }

  // Kills it after some of its lines, and a moment more.
  void live_and_die(int life) {
    int ends[2] = {};
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    const pid_t child = fork();
    if (child == 0) {
      reopen();
      world->pass(kLifeTakes * (life % kLivesPerStore + 1));
      Victim(*world, life, writing.get()).live();
    }
    writing.reset();
    const std::uint64_t lines = random.below(40);
    std::string text;
    while (count_lines(text) < lines && read_more(reading.get(), text)) continue;
    usleep(static_cast<useconds_t>(random.below(3000)));
    kill(child, SIGKILL);
    while (read_more(reading.get(), text)) continue;
    waitpid(child, nullptr, 0);
    std::istringstream all(text);
    for (std::string line; std::getline(all, line);) {
      if (!all.eof()) said.hear(line);  // The last one may be half of one.
    }
  }

  // "" if the store is as it must be.
  std::string look() {
    std::string wrong = audit();
    std::map<std::string, AccessTokenInfo> stored = read_tokens();
    for (const auto& [key, known] : said.tokens()) {
      if (known.is_gone && stored.contains(key)) wrong += key + " came back\n";
      if (known.is_gone || said.may_be_gone(key)) continue;
      if (!stored.contains(key)) {
        wrong += key + " is not there\n";
      } else if (stored.at(key).name != known.name && !said.may_have_another_name(key)) {
        wrong += key + " has another name\n";
      }
    }
    wrong += compare_history(stored);
    said = {};
    for (const auto& [key, info] : stored) said.hear(Acknowledged::made(info));
    return wrong;
  }

 private:
  static bool read_more(int from, std::string& text) {
    char bytes[256];
    const ssize_t size = read(from, bytes, sizeof bytes);
    if (size > 0) text.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  }
  static std::uint64_t count_lines(const std::string& text) {
    return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  }

  std::string audit() const {
    AccessWorld& opened = *world;
    const StoreAudit audit(StoreAudit::World{
        *opened.database, *opened.writer, opened.epoch, opened.background, opened.clock,
        opened.timers, [&] { return AuditTerms{.scopes = opened.terms.scopes}; }});
    const AuditReport report = opened
                                   .answer_to<AuditReport>([&](auto callback) {
                                     return audit.run(StoreAudit::Mending::none, callback);
                                   })
                                   .value();
    std::string text;
    for (const AuditFinding& found : report.findings) {
      text += found.check + " " + found.key + " " + found.detail + "\n";
    }
    return text;
  }
  std::map<std::string, AccessTokenInfo> read_tokens() const {
    const AccessTokenTable table(*world->database);
    std::map<std::string, AccessTokenInfo> stored;
    (void)world->database->store().read([&](const ReadTxn& txn) {
      return table.for_each_newest(txn, "", "", [&](std::string_view, AccessTokenInfo info) {
        return stored.emplace(info.key, info).second;
      });
    });
    return stored;
  }
  // What the history says last of each token is what its record says, or that it has ended.
  std::string compare_history(const std::map<std::string, AccessTokenInfo>& stored) const {
    std::map<std::string, HistoryEntry> last;
    for (HistoryEntry& entry : world->history()) last[entry.token.key] = std::move(entry);
    std::string wrong;
    for (const auto& [key, entry] : last) {
      const bool has_ended =
          entry.action == HistoryAction::revoke || entry.action == HistoryAction::expire;
      if (has_ended == stored.contains(key)) wrong += key + " has another end in the history\n";
    }
    for (const auto& [key, info] : stored) {
      if (!last.contains(key) || last.at(key).token != info) {
        wrong += key + " is another in the history\n";
      }
    }
    return wrong;
  }
};

TEST(Killed, a_thousand_times_leaves_what_was_acknowledged_and_nothing_that_was_ended) {
  std::size_t acknowledged = 0;
  for (int life = 0; life < kLives; ++life) {
    if (life % kLivesPerStore == 0) fixture.begin_store();
    fixture.live_and_die(life);
    acknowledged += fixture.said.tokens().size();
    fixture.reopen();
    const std::string wrong = fixture.look();
    if (!wrong.empty()) print_error("life %d:\n%s", life, wrong.c_str());
    assert_true(wrong.empty());
    fixture.close();
  }
  assert_true(acknowledged > 10 * std::size_t{kLives});
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Killed, a_thousand_times_leaves_what_was_acknowledged_and_nothing_that_was_ended),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
