#pragma once
// The configuration, typed and checked: what the rest of tokman works with.
//
// Immutable once built; a reload builds a new one and swaps it. Made by config_builder from the
// rows of settings.h, which hold the defaults, the ranges and the help texts.
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/raw_config.h"
#include "daemon/domain/policy/grant.h"
#include "daemon/domain/policy/organization.h"

namespace tokman {

inline constexpr std::string_view kSpawnSigner = "spawn";

struct DaemonConfig {
  std::string socket;
  std::uint32_t socket_mode = 0660;
  std::string socket_group;  // "": the group of the process.
  std::string state_directory;
  LogLevel log_level = LogLevel::info;
  std::string signer;                        // kSpawnSigner or "unix:/path"
  std::chrono::milliseconds call_timeout{};  // A call is answered or refused within this.
  std::chrono::milliseconds installation_poll{};
  std::chrono::milliseconds stop_timeout{};  // SIGTERM: calls in flight have this long.
  std::int64_t connections_per_uid = 0;
  std::int64_t calls_per_uid = 0;         // In flight.
  std::int64_t calls_per_connection = 0;  // Pipelined and unanswered.
  std::int64_t frame_bytes_max = 0;
  std::int64_t cache_entries_max = 0;
};

struct StoreConfig {
  std::string key;  // Where the key is: "file:/path", "env:NAME", …
  std::vector<std::string> previous_keys;
  SourcePlace place;
};

struct SecretsConfig {
  std::chrono::milliseconds refresh_interval{};
  std::chrono::milliseconds timeout{};  // For reading one secret.
  std::vector<std::string> command_environment;
  std::string aws_endpoint;  // "": that of the region.
  std::string aws_metadata_endpoint;
  std::string vault_address;
  std::string vault_token;  // Where it is.
  std::string vault_namespace;
  std::string ca_file;
  std::string proxy;
  std::string pkcs11_module;
  SourcePlace place;
};

struct AppConfig {
  std::string name;
  std::int64_t app_id = 0;                   // 0 if only the client id was given.
  std::string client_id;                     // "" if only the app id was given.
  std::vector<std::string> private_keys;     // Where they are; only the signer opens them.
  std::vector<std::string> webhook_secrets;  // Likewise.
  std::string git_host;
  std::string api_base;  // Without a slash at the end.
  std::string ca_file;
  std::string proxy;
  std::string api_version;
  std::map<std::string, std::int64_t> installations;  // Owner in lower case -> id.
  std::chrono::milliseconds renew_before{};
  std::chrono::milliseconds default_min_lifetime{};
  std::int64_t mints_per_minute = 30;
  std::int64_t mints_burst = 60;
  std::int64_t mints_per_minute_max = 150;
  std::int64_t mints_per_hour_max = 1900;
  SourcePlace place;
};

struct AccessConfig {                               // Access tokens and clients.
  std::chrono::milliseconds token_lifetime{};       // Of sessions and children.
  std::chrono::milliseconds user_token_lifetime{};  // Of user tokens whose maker does not say.
  std::int64_t tokens_per_user = 0;
  std::string issuer;   // In the JWTs of clients.
  std::string jwt_key;  // Where the key is that signs them; "": the signer makes one.
  std::int64_t logins_at_once = 0;
  std::int64_t logins_per_minute = 0;  // Of one uid.
  std::chrono::milliseconds history_keep{};
  std::int64_t requests_per_minute = 0;       // Of callers without a grant.
  std::map<std::string, std::string> scopes;  // Of other services: what each is for.
  SourcePlace place;
};

struct Config {
  DaemonConfig daemon;
  StoreConfig store;
  SecretsConfig secrets;
  AccessConfig access;
  ScopeNames scopes;  // All there are: tokman's own, and those of other services.
  std::vector<AppConfig> apps;
  std::vector<Grant> grants;
  Organizations organizations;

  const AppConfig* find_app(std::string_view name) const {
    for (const AppConfig& app : apps) {
      if (app.name == name) return &app;
    }
    return nullptr;
  }
};

}  // namespace tokman
