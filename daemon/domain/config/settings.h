#pragma once
// Every key of the configuration, in one list: the parser, the defaults, the checks and
// docs/configuration.md are made from it.
//
// To add a key: a member in its section's struct and a row here; then run `script/docs`.
#include <string>
#include <vector>

#include "daemon/domain/config/config.h"
#include "daemon/domain/config/setting.h"
#include "daemon/domain/github/token_request.h"

namespace tokman {

struct TopLevel {
  std::string environment;
};

// An [[app]] as it is written; config_builder derives the rest of AppConfig from it.
struct AppDraft : AppConfig {
  std::string host;
};

inline constexpr std::int64_t kKiB = 1024;
inline constexpr std::int64_t kIdMax = std::int64_t{1} << 53;  // What JSON can carry exactly.

// clang-format off
inline constexpr Setting<TopLevel> kTopSettings[] = {
    {"environment", &TopLevel::environment, TextType{kEnvironment}, "", Reload::yes,
     "Which `[environments.NAME]` is laid over the rest."},
};

inline constexpr Setting<DaemonConfig> kDaemonSettings[] = {
    {"socket", &DaemonConfig::socket, TextType{kSocketPath}, "/run/tokman/tokman.sock", Reload::no,
     "Where clients connect. Sockets inherited from systemd are used instead, if there are any."},
    {"socket_mode", &DaemonConfig::socket_mode, ModeType{}, "0660", Reload::no,
     "Who may connect at all; what they may have is up to the grants."},
    {"socket_group", &DaemonConfig::socket_group, TextType{kAccount}, "", Reload::no,
     "The group of the socket; unset, that of the process."},
    {"state_directory", &DaemonConfig::state_directory, TextType{kAbsolutePath},
     "/var/lib/tokman", Reload::no, "Where the store is."},
    {"log_level", &DaemonConfig::log_level, LogLevelType{}, "info", Reload::yes,
     "The least important lines that are written. Audit lines always are."},
    {"signer", &DaemonConfig::signer, TextType{kSigner}, kSpawnSigner, Reload::no,
     "The process that holds the private keys: a child of tokmand, or one with a socket of its own."},
    {"call_timeout", &DaemonConfig::call_timeout,
     DurationType{std::chrono::seconds(1), std::chrono::minutes(10)}, "25s", Reload::yes,
     "Every call is answered or refused within this."},
    {"installation_poll", &DaemonConfig::installation_poll,
     DurationType{std::chrono::seconds(1), std::chrono::hours(24)}, "5m", Reload::yes,
     "How often GitHub is asked what has become of an app's installations, if it has several."},
    {"stop_timeout", &DaemonConfig::stop_timeout,
     DurationType{std::chrono::seconds(0), std::chrono::minutes(5)}, "10s", Reload::yes,
     "How long calls in flight may take once tokmand is told to stop."},
    {"connections_per_uid", &DaemonConfig::connections_per_uid, NumberType{1, 65536}, "512",
     Reload::yes, "Open connections of one uid."},
    {"calls_per_uid", &DaemonConfig::calls_per_uid, NumberType{1, 1'000'000}, "4096",
     Reload::yes, "Calls of one uid that are not answered yet."},
    {"calls_per_connection", &DaemonConfig::calls_per_connection, NumberType{1, 4096}, "64",
     Reload::yes, "Calls on one connection that are not answered yet; then it is not read."},
    {"frame_bytes_max", &DaemonConfig::frame_bytes_max, SizeType{64 * kKiB, 1024 * kKiB}, "64KiB",
     Reload::yes, "The longest call; longer ones end the connection."},
    {"cache_entries_max", &DaemonConfig::cache_entries_max, NumberType{100, 1'000'000}, "20000",
     Reload::no, "Tokens kept at most; the least used goes first."},
};

inline constexpr Setting<StoreConfig> kStoreSettings[] = {
    {"key", &StoreConfig::key, TextType{kSecretPlace}, kRequired, Reload::no,
     "Where the key is that seals the store."},
    {"previous_keys", &StoreConfig::previous_keys, TextsType{kSecretPlace}, "", Reload::no,
     "Where keys are that sealed the store before. To change `key`, move its old place here and "
     "start `tokmand`; then the old key is no longer needed."},
};

inline constexpr Setting<SecretsConfig> kSecretsSettings[] = {
    {"refresh_interval", &SecretsConfig::refresh_interval,
     DurationType{std::chrono::seconds(1), std::chrono::hours(24)}, "5m", Reload::yes,
     "How often what a command, AWS or Vault gave is fetched again. While that fails, the last "
     "good value stays in use."},
    {"timeout", &SecretsConfig::timeout,
     DurationType{std::chrono::milliseconds(100), std::chrono::minutes(1)}, "10s", Reload::yes,
     "How long fetching one secret may take. A command that takes longer is killed, with all that "
     "it started."},
    {"command_environment", &SecretsConfig::command_environment, TextsType{kVariable}, "",
     Reload::yes, "Variables that commands see, besides `PATH`, `HOME`, `LANG` and "
     "`CREDENTIALS_DIRECTORY`."},
    {"aws_endpoint", &SecretsConfig::aws_endpoint, TextType{kHttpsUrl}, "", Reload::yes,
     "The address of AWS Secrets Manager; unset, it follows from the region."},
    {"aws_metadata_endpoint", &SecretsConfig::aws_metadata_endpoint, TextType{kMetadataUrl},
     "http://169.254.169.254", Reload::yes,
     "Where an EC2 instance asks for its role's credentials. Credentials in `AWS_ACCESS_KEY_ID` and "
     "a container's (`AWS_CONTAINER_CREDENTIALS_…_URI`) come first."},
    {"vault_address", &SecretsConfig::vault_address, TextType{kHttpsUrl}, "", Reload::yes,
     "Where HashiCorp Vault or OpenBao is. Needed for `vault:`."},
    {"vault_token", &SecretsConfig::vault_token, TextType{kLocalPlace}, "", Reload::yes,
     "Where the token for Vault is, such as `file:/run/vault-agent/token`; read anew each time. "
     "Needed for `vault:`."},
    {"vault_namespace", &SecretsConfig::vault_namespace, TextType{kVaultNamespace}, "", Reload::yes,
     "Vault's namespace, if there are any."},
    {"ca_file", &SecretsConfig::ca_file, TextType{kAbsolutePath}, "", Reload::yes,
     "Certificate authorities to trust for AWS and Vault instead of the system's."},
    {"proxy", &SecretsConfig::proxy, TextType{kProxy}, "", Reload::yes,
     "The proxy to AWS and Vault; unset, what the environment says."},
    {"pkcs11_module", &SecretsConfig::pkcs11_module, TextType{kAbsolutePath}, "", Reload::no,
     "The shared library of the token, such as `/usr/lib/softhsm/libsofthsm2.so`. Needed for "
     "`pkcs11:`. The signer loads it before it closes its sandbox, and it must work within."},
};

inline constexpr Setting<AccessConfig> kAccessSettings[] = {
    {"token_lifetime", &AccessConfig::token_lifetime,
     DurationType{std::chrono::minutes(10), std::chrono::hours(24 * 90)}, "24h", Reload::yes,
     "How long session tokens live, and children at most."},
    {"user_token_lifetime", &AccessConfig::user_token_lifetime,
     DurationType{std::chrono::minutes(10), std::chrono::hours(24 * 3660)}, "2160h", Reload::yes,
     "How long a user token lives whose maker does not say."},
    {"tokens_per_user", &AccessConfig::tokens_per_user, NumberType{100, 1'000'000}, "10000",
     Reload::yes,
     "How many access tokens a user may have, children included; those that have expired count "
     "until they are swept."},
    {"issuer", &AccessConfig::issuer, TextType{kIssuer}, "tokman", Reload::yes,
     "What stands in the JWTs of clients as their issuer (`iss`). Those of another are refused."},
    {"jwt_key", &AccessConfig::jwt_key, TextType{kSecretPlace}, "", Reload::yes,
     "Where the key is that signs JWTs of clients: Ed25519, in PEM, as `openssl genpkey -algorithm "
     "ed25519` makes it. Only the signer opens it. Unset, the signer makes one when it starts."},
    {"logins_at_once", &AccessConfig::logins_at_once, NumberType{1, 3}, "1", Reload::yes,
     "How many keys of clients are checked at the same time. Each takes 32 MiB and a tenth of a "
     "second of a processor; eight more may wait, further ones are told to come again."},
    {"logins_per_minute", &AccessConfig::logins_per_minute, NumberType{1, 10'000}, "120", Reload::yes,
     "How many keys a minute are checked for the processes of one uid."},
    {"history_keep", &AccessConfig::history_keep,
     DurationType{std::chrono::hours(1), std::chrono::hours(24 * 3660)}, "8760h", Reload::yes,
     "How long it is remembered who changed which access token or client."},
    {"requests_per_minute", &AccessConfig::requests_per_minute, NumberType{1, 1'000'000}, "600",
     Reload::yes,
     "How often each caller may call methods that need no scope, if no grant is for it."},
    {"scopes", &AccessConfig::scopes, NewScopesType{}, "", Reload::yes,
     "Scopes of other services, which grants may give and access tokens carry, each with what it "
     "is for: `\"read:images\" = \"See images.\"`. Names that begin with `admin:`, `user:` or "
     "`github:` are tokman's."},
};

inline constexpr Setting<AppDraft> kAppSettings[] = {
    {"name", &AppDraft::name, TextType{kName}, kRequired, Reload::yes,
     "What grants and callers call the app."},
    {"app_id", &AppDraft::app_id, NumberType{1, kIdMax}, "", Reload::yes,
     "The App ID of GitHub's settings page. This or `client_id` is needed; both may be given."},
    {"client_id", &AppDraft::client_id, TextType{kClientId}, "", Reload::yes,
     "The client ID of GitHub's settings page. GitHub Enterprise Server takes it from 3.18 on; "
     "where it does not, `app_id` is used if that is given too."},
    {"private_keys", &AppDraft::private_keys, TextsType{kKeyPlace}, kRequired, Reload::yes,
     "Where the app's private keys are, the preferred one first. Only the signer opens them."},
    {"webhook_secrets", &AppDraft::webhook_secrets, TextsType{kSecretPlace}, "", Reload::yes,
     "Where the secrets are that GitHub signs the app's webhooks with: one, or several while it is "
     "being changed. Only the signer opens them. A line end after a secret is no part of it."},
    {"host", &AppDraft::host, TextType{kHost}, "", Reload::yes,
     "The GitHub of the app: `github.com` (also if unset), `TENANT.ghe.com`, or a GitHub "
     "Enterprise Server."},
    {"api_base", &AppDraft::api_base, TextType{kHttpsUrl}, "", Reload::yes,
     "The API's address; unset, it follows from `host`."},
    {"git_host", &AppDraft::git_host, TextType{kHost}, "", Reload::yes,
     "The host in the URLs of repositories; unset, it follows from `host` or `api_base`."},
    {"ca_file", &AppDraft::ca_file, TextType{kAbsolutePath}, "", Reload::yes,
     "Certificate authorities to trust instead of the system's."},
    {"proxy", &AppDraft::proxy, TextType{kProxy}, "", Reload::yes,
     "The proxy to GitHub; unset, what the environment says."},
    {"api_version", &AppDraft::api_version, TextType{kDate}, "2022-11-28", Reload::yes,
     "The version of GitHub's API."},
    {"installations", &AppDraft::installations, InstallationsType{}, "", Reload::yes,
     "Installation ids by owner, where GitHub need not be asked for them."},
    {"renew_before", &AppDraft::renew_before,
     DurationType{std::chrono::minutes(1), std::chrono::minutes(50)}, "20m", Reload::yes,
     "How long before its end a token in use is renewed."},
    {"default_min_lifetime", &AppDraft::default_min_lifetime,
     DurationType{std::chrono::minutes(1), std::chrono::minutes(55)}, "5m", Reload::yes,
     "How long a token lives at least when the caller does not say."},
    {"mints_per_minute", &AppDraft::mints_per_minute, NumberType{1, 1'000'000}, "30", Reload::yes,
     "How many tokens a minute may be minted in the long run; further ones wait."},
    {"mints_burst", &AppDraft::mints_burst, NumberType{1, 1'000'000}, "60", Reload::yes,
     "How many may be minted at once after a rest."},
    {"mints_per_minute_max", &AppDraft::mints_per_minute_max, NumberType{1, 1'000'000}, "150",
     Reload::yes,
     "No minute has more, whatever the two above say. GitHub's limit is 180; a server of your own "
     "may have none."},
    {"mints_per_hour_max", &AppDraft::mints_per_hour_max, NumberType{1, 1'000'000}, "1900", Reload::yes,
     "No hour has more. GitHub's limit is 2,000; a server of your own may have none."},
};

inline constexpr Setting<Organization> kOrganizationSettings[] = {
    {"app", &Organization::app, TextType{kName}, "", Reload::yes,
     "The app that is used where the caller names none; unset, the one that covers the target."},
    {"installation", &Organization::installation_id, NumberType{1, kIdMax}, "", Reload::yes,
     "The id of that app's installation there; unset, GitHub is asked."},
};

inline constexpr Setting<Grant> kGrantSettings[] = {
    {"name", &Grant::name, TextType{kName}, kRequired, Reload::yes,
     "What the audit log and `Explain` call it."},
    {"match", &Grant::match, MatchType{}, kRequired, Reload::yes, "Whom it is for."},
    {"scopes", &Grant::scopes, ScopesType{}, kRequired, Reload::yes, "What it gives."},
    {"apps", &Grant::apps, TextsType{kName}, "", Reload::yes, "Apps that may be used."},
    {"targets", &Grant::targets, TextsType{kTarget}, "", Reload::yes,
     "Repositories as `owner/repository`, whole installations as `owner`. Neither includes the "
     "other."},
    {"permissions", &Grant::permissions, PermissionsType{}, "", Reload::yes,
     "The most a token may have; also what it has when the caller does not say. `metadata:read` "
     "is always included."},
    {"max_priority", &Grant::max_priority, NumberType{0, kPriorityMax}, "0", Reload::yes,
     "The highest `priority` that a request may have. It decides who goes first where mints wait."},
    {"requests_per_minute", &Grant::requests_per_minute, NumberType{0, 1'000'000}, "", Reload::yes,
     "How often each caller may call with this grant; unset, as often as it likes. Of several "
     "grants the most generous counts, but for 0: whom a grant with 0 matches may call nothing but "
     "`Ping`."},
    {"mints_per_minute", &Grant::mints_per_minute, NumberType{1, 100'000}, "", Reload::yes,
     "How many tokens a minute may be minted for each caller; cached ones do not count. Of several "
     "grants the most generous counts."},
};

inline constexpr Setting<GrantMatch> kMatchSettings[] = {
    {"user", &GrantMatch::users, TextsType{kAccount}, "", Reload::yes, "The uid's name."},
    {"uid", &GrantMatch::uids, IdsType{}, "", Reload::yes, "The uid."},
    {"group", &GrantMatch::groups, TextsType{kAccount}, "", Reload::yes,
     "The name of any of its groups."},
    {"gid", &GrantMatch::gids, IdsType{}, "", Reload::yes, "The gid of any of its groups."},
    {"unit", &GrantMatch::units, TextsType{kUnitPattern}, "", Reload::yes,
     "The systemd unit; only beside one of the above, or `client`."},
    {"program", &GrantMatch::programs, TextsType{kProgramPattern}, "", Reload::yes,
     "The path of its executable; likewise."},
    {"client", &GrantMatch::clients, TextsType{kAccount}, "", Reload::yes,
     "The id of a client that presents its JWT. Such a grant is for nobody else, whatever the rest "
     "of it says; and no other grant is for a client."},
};
// clang-format on

// The keys that differ and that a reload does not apply: "daemon.socket".
std::vector<std::string> keys_needing_restart(const Config& running, const Config& loaded);

}  // namespace tokman
