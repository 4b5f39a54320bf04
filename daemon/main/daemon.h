#pragma once
// The daemon put together: read this first to see what it consists of.
//
// The members are in floor order, each built on those before it; they go in reverse. Nothing here
// decides anything: start() builds, run() lets the loop work, and a signal ends it in good order:
//
//   SIGTERM -> no new calls -> those in flight are answered, or refused when stop_timeout is over
//           -> audit log and store are flushed -> the loop stops
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "daemon/api/unix_server.h"
#include "daemon/base/one_lane.h"
#include "daemon/platform/crypto/openssl_random.h"
#include "daemon/platform/http/curl_http_client.h"
#include "daemon/platform/linux/line_writer.h"
#include "daemon/platform/systemd/notifier.h"
#include "daemon/platform/uv/loop.h"
#include "daemon/platform/uv/quiet_threads.h"
#include "daemon/platform/uv/signals.h"
#include "daemon/services/access/access_tokens.h"
#include "daemon/services/access/client_jwts.h"
#include "daemon/services/access/client_keys.h"
#include "daemon/services/access/client_logins.h"
#include "daemon/services/access/clients.h"
#include "daemon/services/access/credentials.h"
#include "daemon/services/access/history_reader.h"
#include "daemon/services/access/maintenance.h"
#include "daemon/services/access/state_counts.h"
#include "daemon/services/access/store_audit.h"
#include "daemon/services/access/verification_keys.h"
#include "daemon/services/callers/caller_directory.h"
#include "daemon/services/events/installation_poll.h"
#include "daemon/services/events/webhook_events.h"
#include "daemon/services/github/app_choice.h"
#include "daemon/services/github/github_time.h"
#include "daemon/services/github/installation_directory.h"
#include "daemon/services/github/key_watch.h"
#include "daemon/services/github/rate_limits.h"
#include "daemon/services/operations/config_reload.h"
#include "daemon/services/operations/doctor.h"
#include "daemon/services/operations/live_config.h"
#include "daemon/services/operations/store_key_rotation.h"
#include "daemon/services/signer/signer_client.h"
#include "daemon/services/signer/signer_link.h"
#include "daemon/services/store/clock_store.h"
#include "daemon/services/store/database.h"
#include "daemon/services/store/installation_store.h"
#include "daemon/services/store/revocation_store.h"
#include "daemon/services/store/store_backup.h"
#include "daemon/services/store/store_writer.h"
#include "daemon/services/store/token_store.h"
#include "daemon/services/tokens/exclusive_tokens.h"
#include "daemon/services/tokens/token_broker.h"

namespace tokman {

struct DaemonOptions {
  std::string config_path;
  std::string signer_program;  // Started where the configuration says "spawn".
};

class Daemon {
 public:
  // Opens everything that can fail: store, signer, socket. What goes wrong here ends the start,
  // with a message that says what to do. REQUIRES: lines and interfaces outlive the daemon.
  static Result<std::unique_ptr<Daemon>> start(const DaemonOptions& options,
                                               std::shared_ptr<const Config> config,
                                               std::span<const Interface> interfaces,
                                               LineSink& lines);

  // Until SIGTERM or SIGINT, and what follows from that.
  void run();

 private:
  Daemon(std::shared_ptr<const Config> config, LineSink& lines);

  Result<Done> open_store();
  void open_signer(const DaemonOptions& options);
  AccessTerms access_terms() const;
  void build_clients();
  AuditTerms audit_terms() const;
  void build_services(const DaemonOptions& options);
  Result<Done> open_socket(std::span<const Interface> interfaces);
  Result<ListeningSocket> find_or_make_socket();

  void tell_ready();
  void on_reload_signal();
  void on_watchdog();
  void on_terminate();
  void on_stop_timeout();
  void on_all_answered();

  Log log_;
  LiveConfig live_;
  Notifier notifier_;
  Loop loop_;
  OpenSslRandom random_;
  CurlHttpClient http_;

  std::unique_ptr<Database> database_;
  std::optional<StoreWriter> store_writer_;
  std::optional<RevocationStore> revocation_store_;
  std::optional<TokenStore> token_store_;
  std::optional<InstallationStore> installation_store_;
  std::optional<ClockStore> clock_store_;

  OneLane long_reads_;  // Of the store.
  QuietThreads hashing_;
  CredentialEpoch credential_epoch_;
  std::optional<AccessTokens> access_tokens_;
  std::optional<HistoryReader> history_;
  std::optional<Maintenance> maintenance_;
  std::optional<StoreAudit> store_audit_;
  std::optional<StateCounts> state_counts_;

  std::optional<SignerLink> signer_link_;
  std::optional<SignerClient> signer_;

  std::optional<AppJwts> jwts_;
  std::optional<GithubTime> github_time_;
  std::optional<GithubTraffic> traffic_;
  std::optional<GithubClient> github_;
  std::optional<InstallationDirectory> installations_;
  std::optional<AppChoice> app_choice_;
  std::optional<RateLimits> rate_limits_;
  AuditLog audit_;
  std::optional<VerificationKeys> verification_keys_;
  std::optional<ClientJwts> client_jwts_;
  std::optional<ClientKeys> client_keys_;
  std::optional<ClientLogins> client_logins_;
  std::optional<Clients> clients_;
  std::optional<TokenRevocations> revocations_;
  CallerBudgets budgets_;
  std::optional<MintGate> gate_;
  std::optional<TokenBroker> broker_;
  std::optional<ExclusiveTokens> exclusive_;
  std::optional<KeyWatch> key_watch_;
  std::optional<EventActions> event_actions_;
  std::optional<WebhookEvents> webhook_events_;
  std::optional<InstallationPoll> installation_poll_;
  std::optional<ConfigReload> reload_;
  std::optional<Doctor> doctor_;
  std::optional<StoreKeyRotation> store_key_rotation_;
  std::optional<StoreBackup> store_backup_;
  CallerDirectory callers_;
  std::optional<Credentials> credentials_;

  std::optional<Services> services_;
  std::optional<UnixServer> server_;

  OperationPtr reloading_;
  OperationPtr resting_;
  OperationPtr watchdog_;
  OperationPtr stop_timeout_;
  std::optional<Signals> signals_;
  bool is_stopping_ = false;
};

}  // namespace tokman
