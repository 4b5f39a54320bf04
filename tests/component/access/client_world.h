#pragma once
// A store with clients in it, a signer, and time that passes when it is told to.
#include "daemon/services/access/client_jwts.h"
#include "daemon/services/store/client_table.h"
#include "tests/support/captured_log.h"
#include "tests/support/open_store.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"

namespace tokman {

struct ClientWorld {
  static std::shared_ptr<const Config> make_config() {
    auto config = std::make_shared<Config>();
    config->access.issuer = "tokman";
    config->access.logins_at_once = 2;
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
