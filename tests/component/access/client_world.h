#pragma once
// A store with clients in it, a signer, and time that passes when it is told to.
#include "daemon/services/access/client_jwts.h"
#include "daemon/services/access/client_logins.h"
#include "daemon/services/access/clients.h"
#include "daemon/services/store/client_table.h"
#include "tests/support/captured_log.h"
#include "tests/support/open_store.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

namespace tokman {

struct ClientWorld {
  static std::shared_ptr<Config> make_config() {
    auto config = std::make_shared<Config>();
    config->access.issuer = "tokman";
    config->access.logins_per_minute = 120;
    return config;
  }

  TempFolder temp;
  TestLoop loop;
  CapturedLog lines;
  Log log{lines, LogLevel::debug};
  LiveConfig live{make_config()};
  OpenStore store{temp, loop.background, log};
  ClientTable table{*store.database};
  CredentialEpoch epoch;
  VerificationKeys keys{loop.signer, loop.clock, loop.timers};
  ClientJwts jwts{{*store.database, keys, epoch, live, loop.background, loop.clock, loop.timers}};

  ScopeNames known_scopes = {"admin:client", "admin:token", "github:token", "user:token"};
  AuditLog audit{log, loop.clock, loop.timers};
  ClientKeys client_keys{{.background = loop.background,
                          .random = loop.random,
                          .at_once = [] { return std::size_t{2}; },
                          .cost = {.n = 16, .r = 8, .p = 1}}};
  ClientLogins logins{{*store.database, store.writer, client_keys, loop.signer, audit, loop.random,
                       loop.clock, loop.timers,
                       [this] { return live.config().access.logins_per_minute; }}};
  Clients clients{{*store.database, store.writer, epoch, client_keys, audit, loop.clock,
                   loop.timers, [this] { return known_scopes; }}};
  AccessCaller admin{.username = "root",
                     .scopes = {"admin:client", "github:token", "user:token"},
                     .actor = {.name = "root", .uid = 0}};

  UnixTime now() const { return loop.clock.unix_now(); }

  template <class Change>
  void write(Change change) {
    const Result<Done> done = store.database->store().write([&](WriteTxn& txn) -> Result<Done> {
      change(txn);
      return Done{};
    });
    if (!done.ok()) std::abort();
  }
  // As a change that is acknowledged.
  void put(const Client& client) {
    write([&](WriteTxn& txn) { (void)table.put(txn, client); });
    epoch.advance();
  }
  Client client(const std::string& id = "packit") {
    return store.database->store()
        .read([&](const ReadTxn& txn) { return table.find(txn, id); })
        .value()
        .value();
  }

  // What was answered, once all that waits is done.
  template <class Answer, class Start>
  Result<Answer> answer_of(Start start) {
    std::optional<Result<Answer>> answer;
    const OperationPtr operation =
        start([&](Result<Answer> result) { answer = std::move(result); });
    loop.run();
    if (!answer) std::abort();
    return *std::move(answer);
  }

  Result<ChangedClient> put(const ClientChange& change, std::optional<std::string> key = {},
                            const Clients::Target& target = {"packit"}) {
    WantedKey wanted;
    if (key) wanted.given = SecretBytes(*key);
    return put_as(admin, target, change, std::move(wanted));
  }
  Result<ChangedClient> put_as(const AccessCaller& caller, const Clients::Target& target,
                               const ClientChange& change, WantedKey key = {}) {
    return answer_of<ChangedClient>([&](Clients::OnChanged done) {
      return clients.put(caller, target, change, std::move(key), std::move(done));
    });
  }
  Result<IssuedLogin> log_in(const std::string& id, const std::string& key, uid_t uid = 1000) {
    return answer_of<IssuedLogin>([&](ClientLogins::OnIssued done) {
      return logins.log_in({uid, "uid:" + std::to_string(uid)}, {id, SecretBytes(key)},
                           std::move(done));
    });
  }

  Result<ClientLogin> verify(const SecretBytes& jwt) {
    std::optional<Result<ClientLogin>> answer;
    const OperationPtr verifying =
        jwts.verify(jwt, [&](Result<ClientLogin> login) { answer = std::move(login); });
    loop.run();
    if (!answer) std::abort();
    return *std::move(answer);
  }
};

}  // namespace tokman
