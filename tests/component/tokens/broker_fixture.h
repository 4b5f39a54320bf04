#pragma once
// TokenBroker and all that it stands on, with real LMDB and OpenSSL, a small GitHub and callers.
#include <deque>
#include <string>
#include <vector>

#include "daemon/services/tokens/token_broker.h"
#include "tests/support/builders.h"
#include "tests/support/captured_log.h"
#include "tests/support/fake_github_answers.h"
#include "tests/support/open_store.h"
#include "tests/support/test_loop.h"

namespace tokman {

// One who asks for a token, as a session of the daemon does.
struct TokenCaller {
  OperationPtr operation;
  int answers = 0;
  std::optional<Error> error;
  CacheEntryPtr entry;
  TokenSource source{};
  std::string frame;        // What is sent to the caller, but for its source.
  std::string fingerprint;  // Of the token in it.

  void take(const Result<Served>& served) {
    ++answers;
    if (!served.ok()) {
      error = served.error();
      return;
    }
    entry = served.value().entry;
    source = served.value().source;
    frame = entry->token->answer.reveal();
    fingerprint = entry->token->fingerprint;
  }
  bool has_token() const { return entry != nullptr; }
  bool was_refused_with(tokman_error code) const { return error && error->code == code; }
};

struct BrokerFixture {
  // What a restart of the daemon loses.
  struct Running {
    explicit Running(BrokerFixture& fixture)
        : store(fixture.folder, fixture.loop.background, fixture.log),
          jwts(fixture.loop.signer, fixture.loop.clock, fixture.loop.timers),
          time(fixture.loop.clock, store.clocks, fixture.log),
          traffic(
              {time, fixture.loop.clock, fixture.loop.timers, fixture.loop.random, fixture.log}),
          client(fixture.loop.http, jwts, time, traffic),
          installations(client, store.installations, fixture.loop.clock),
          gate({traffic, fixture.loop.clock, fixture.loop.timers}),
          audit(fixture.log, fixture.loop.clock, fixture.loop.timers),
          revocations(store.revocations,
                      {client, time, fixture.loop.clock, fixture.loop.timers, fixture.loop.random,
                       fixture.log,
                       [&fixture](const std::string& name) { return fixture.find_app(name); }}),
          broker({client, time, gate, budgets, installations, store.tokens, revocations, audit,
                  fixture.log, fixture.loop.clock, fixture.loop.timers, fixture.loop.random},
                 fixture.cache_entries_max) {
      revocations.resume();
      broker.on_find_app([&fixture](const std::string& name) { return fixture.find_app(name); });
    }

    OpenStore store;
    AppJwts jwts;
    GithubTime time;
    GithubTraffic traffic;
    GithubClient client;
    InstallationDirectory installations;
    MintGate gate;
    CallerBudgets budgets{100};
    AuditLog audit;
    TokenRevocations revocations;
    TokenBroker broker;
  };

  BrokerFixture() {
    github.accounts["octo-org"] = {42, {"hello-world", "spoon-knife"}};
    start();
  }

  TestLoop loop;
  TempFolder folder;
  CapturedLog lines;
  Log log{lines, LogLevel::debug};
  FakeGithubAnswers github{loop.http, loop.clock};
  AppConfig app = make_app();
  bool app_is_configured = true;
  std::size_t cache_entries_max = 100;
  std::unique_ptr<Running> running;
  std::deque<TokenCaller> callers;

  TokenBroker& broker() { return running->broker; }

  TokenOrder order(const std::string& repository = "hello-world") const {
    TokenOrder made;
    made.app = app;
    made.owner = "octo-org";
    if (!repository.empty()) made.repositories = {repository};
    made.permissions.set("contents", AccessLevel::read);
    made.life = {std::chrono::duration_cast<std::chrono::seconds>(app.default_min_lifetime), false};
    made.timeout = std::chrono::seconds(10);
    return made;
  }
  TokenOrder order_living(std::chrono::seconds min_lifetime) const {
    TokenOrder made = order();
    made.life = {min_lifetime, true};
    return made;
  }

  TokenCaller& start_asking(const TokenOrder& wanted) {
    TokenCaller& caller = callers.emplace_back();
    if (auto answer = broker().answer_now(wanted)) {
      caller.take(*answer);
    } else {
      caller.operation =
          broker().get(wanted, [&caller](const Result<Served>& served) { caller.take(served); });
    }
    return caller;
  }
  TokenCaller& start_asking() { return start_asking(order()); }
  // Asks, and lets happen what happens without time passing.
  TokenCaller& ask(const TokenOrder& wanted) {
    TokenCaller& caller = start_asking(wanted);
    loop.run();
    return caller;
  }
  TokenCaller& ask() { return ask(order()); }

  int mint_requests() const { return loop.http.count("POST"); }
  void fail_mints(int count, int status, const std::string& message = "") {
    for (int i = 0; i < count; ++i) {
      github.mint_failures.emplace_back(github_refusal(status, message));
    }
  }

  // As if killed: nothing is told, what is on disk stays.
  void kill() {
    for (TokenCaller& caller : callers) caller.operation.reset();
    running.reset();
  }
  void start() { running = std::make_unique<Running>(*this); }
  void restart() {
    kill();
    start();
  }

  const AppConfig* find_app(const std::string& name) const {
    return app_is_configured && name == app.name ? &app : nullptr;
  }
};

}  // namespace tokman
