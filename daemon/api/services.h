#pragma once
// What the methods work with: references to the services, built in daemon/main.
#include <functional>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/services/access/access_tokens.h"
#include "daemon/services/access/client_logins.h"
#include "daemon/services/access/clients.h"
#include "daemon/services/access/credentials.h"
#include "daemon/services/access/history_reader.h"
#include "daemon/services/access/maintenance.h"
#include "daemon/services/access/state_counts.h"
#include "daemon/services/access/store_audit.h"
#include "daemon/services/access/verification_keys.h"
#include "daemon/services/audit/audit_log.h"
#include "daemon/services/events/installation_poll.h"
#include "daemon/services/events/webhook_events.h"
#include "daemon/services/github/app_choice.h"
#include "daemon/services/github/app_jwts.h"
#include "daemon/services/github/github_time.h"
#include "daemon/services/github/installation_directory.h"
#include "daemon/services/github/rate_limits.h"
#include "daemon/services/operations/config_reload.h"
#include "daemon/services/operations/doctor.h"
#include "daemon/services/operations/live_config.h"
#include "daemon/services/operations/store_key_rotation.h"
#include "daemon/services/signer/signer_client.h"
#include "daemon/services/store/store_backup.h"
#include "daemon/services/store/store_writer.h"
#include "daemon/services/tokens/exclusive_tokens.h"
#include "daemon/services/tokens/token_broker.h"

namespace tokman {

struct Services {
  const Clock& clock;
  LiveConfig& live;
  CallerBudgets& budgets;
  const Credentials& credentials;
  const CredentialEpoch& credential_epoch;
  GithubTraffic& traffic;
  MintGate& gate;
  TokenBroker& broker;
  TokenRevocations& revocations;
  ExclusiveTokens& exclusive;
  InstallationDirectory& installations;
  AppChoice& app_choice;
  RateLimits& rate_limits;
  AccessTokens& access_tokens;
  Clients& clients;
  ClientLogins& client_logins;
  VerificationKeys& verification_keys;
  HistoryReader& history;
  Maintenance& maintenance;
  StoreAudit& store_audit;
  StateCounts& state_counts;
  AppJwts& jwts;
  GithubTime& github_time;
  WebhookEvents& webhooks;
  InstallationPoll& poll;
  SignerClient& signer;
  StoreWriter& store_writer;
  AuditLog& audit;
  Log& log;
  ConfigReload& reload;
  Doctor& doctor;
  StoreKeyRotation& store_keys;
  StoreBackup& backup;
  UnixTime started_at;
  std::function<std::size_t()> count_connections;
};

}  // namespace tokman
