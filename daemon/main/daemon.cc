#include "daemon/main/daemon.h"

#include "daemon/base/version.h"
#include "daemon/main/store_keys.h"
#include "daemon/platform/linux/code_pages.h"
#include "daemon/platform/linux/system_clock.h"
#include "daemon/platform/linux/user_names.h"
#include "daemon/platform/systemd/listen_fds.h"

namespace tokman {
namespace {

constexpr std::chrono::seconds kRestAfter{2};
constexpr std::size_t kPrincipalsMax = 4096;  // Whose requests and mints are counted apart.
}  // namespace

Result<std::unique_ptr<Daemon>> Daemon::start(const DaemonOptions& options,
                                              std::shared_ptr<const Config> config,
                                              std::span<const Interface> interfaces,
                                              LineSink& lines) {
  std::unique_ptr<Daemon> daemon(new Daemon(std::move(config), lines));
  if (Result<Done> opened = daemon->open_store(); !opened.ok()) return opened.error();
  daemon->open_signer(options);
  daemon->build_clients();
  daemon->build_services(options);
  if (Result<Done> opened = daemon->open_socket(interfaces); !opened.ok()) return opened.error();
  return daemon;
}

Daemon::Daemon(std::shared_ptr<const Config> config, LineSink& lines)
    : log_(lines, config->daemon.log_level),
      live_(std::move(config)),
      notifier_(process_environment()),
      http_(loop_, kVersion),
      long_reads_(loop_),
      hashing_(loop_),
      audit_(log_, loop_, loop_),
      budgets_(kPrincipalsMax),
      callers_(loop_, loop_) {}

Result<Done> Daemon::open_store() {
  const Config& config = live_.config();
  const auto keys = read_store_keys(config);
  if (!keys.ok()) return keys.error();
  auto database = Database::open(config.daemon.state_directory, keys.value());
  if (!database.ok()) return database.error();
  database_ = std::move(database).value();
  store_writer_.emplace(database_->store(), loop_, log_);
  revocation_store_.emplace(*database_, *store_writer_, log_);
  token_store_.emplace(*database_, *revocation_store_, *store_writer_, log_);
  installation_store_.emplace(*database_, *store_writer_, log_);
  clock_store_.emplace(*database_, *store_writer_, log_, this_boot());
  access_tokens_.emplace(AccessTokens::World{*database_, *store_writer_, credential_epoch_,
                                             [this] { return access_terms(); }, loop_, loop_,
                                             long_reads_, random_, log_});
  history_.emplace(*database_, long_reads_);
  const auto history_keep = [this] {
    return std::chrono::floor<std::chrono::seconds>(live_.config().access.history_keep);
  };
  maintenance_.emplace(Maintenance::World{*database_, *store_writer_, credential_epoch_, loop_,
                                          loop_, log_, history_keep});
  maintenance_->start();
  store_audit_.emplace(StoreAudit::World{*database_, *store_writer_, credential_epoch_, long_reads_,
                                         loop_, loop_, [this] { return audit_terms(); }});
  state_counts_.emplace(*database_, long_reads_, loop_);
  (void)state_counts_->token_counts();
  return Done{};
}

AuditTerms Daemon::audit_terms() const {
  AuditTerms terms{.scopes = live_.config().scopes};
  for (const AppConfig& app : live_.config().apps) terms.apps.insert(app.name);
  return terms;
}

AccessTerms Daemon::access_terms() const {
  using std::chrono::floor, std::chrono::seconds;
  const Config& config = live_.config();
  return {.token_lifetime = floor<seconds>(config.access.token_lifetime),
          .user_token_lifetime = floor<seconds>(config.access.user_token_lifetime),
          .tokens_per_user = static_cast<std::size_t>(config.access.tokens_per_user),
          .scopes = config.scopes};
}

void Daemon::open_signer(const DaemonOptions& options) {
  signer_link_.emplace(
      loop_, log_,
      SignerLink::Place{live_.config().daemon.signer, options.signer_program, options.config_path});
  signer_.emplace(SignerClient::Ports{loop_, loop_, loop_, random_, log_},
                  [this] { return signer_link_->connect(); });
}

void Daemon::build_clients() {
  verification_keys_.emplace(*signer_, loop_, loop_);
  client_jwts_.emplace(ClientJwts::World{*database_, *verification_keys_, credential_epoch_, live_,
                                         loop_, loop_, loop_});
  client_keys_.emplace(ClientKeys::World{hashing_, random_, [this] {
                                           const auto& access = live_.config().access;
                                           return static_cast<std::size_t>(access.logins_at_once);
                                         }});
  client_logins_.emplace(ClientLogins::World{
      *database_, *store_writer_, *client_keys_, *signer_, audit_, random_, loop_, loop_,
      [this] { return live_.config().access.logins_per_minute; }});
  clients_.emplace(Clients::World{*database_, *store_writer_, credential_epoch_, *client_keys_,
                                  audit_, loop_, loop_, [this] { return live_.config().scopes; }});
}

void Daemon::build_services(const DaemonOptions& options) {
  jwts_.emplace(*signer_, loop_, loop_);
  github_time_.emplace(loop_, *clock_store_, log_);
  traffic_.emplace(GithubTraffic::World{*github_time_, loop_, loop_, random_, log_});
  github_.emplace(http_, *jwts_, *github_time_, *traffic_);
  installations_.emplace(*github_, *installation_store_, loop_);
  app_choice_.emplace(*installations_, loop_, loop_);
  rate_limits_.emplace(*github_, *github_time_, loop_);
  const auto find_app = [this](const std::string& name) { return live_.config().find_app(name); };
  revocations_.emplace(
      *revocation_store_,
      RevocationDelivery::World{*github_, *github_time_, loop_, loop_, random_, log_, find_app});
  revocations_->resume();
  gate_.emplace(MintGate::World{*traffic_, loop_, loop_});
  const TokenBroker::World broker_world{
      *github_,      *github_time_, *gate_, budgets_, *installations_, *token_store_,
      *revocations_, audit_,        log_,   loop_,    loop_,           random_};
  const auto entries_max = static_cast<std::size_t>(live_.config().daemon.cache_entries_max);
  broker_.emplace(broker_world, entries_max);
  broker_->on_find_app(find_app);
  broker_->sweep_store();
  exclusive_.emplace(ExclusiveTokens::World{*broker_, *revocations_, *revocation_store_, audit_});
  const auto apps = [this]() -> const std::vector<AppConfig>& { return live_.config().apps; };
  key_watch_.emplace(
      KeyWatch::World{*signer_, *jwts_, *github_, loop_, loop_, log_, apps,
                      [this](const std::string& app) { broker_->forget_refused_keys(app); }});
  key_watch_->look();
  event_actions_.emplace(
      EventActions::World{*github_, *installations_, *app_choice_, *broker_, log_});
  webhook_events_.emplace(WebhookEvents::World{live_, *signer_, *event_actions_, loop_});
  const InstallationPoll::World poll_world{live_, *github_, *installations_, *event_actions_,
                                           log_,  loop_,    loop_,           random_};
  installation_poll_.emplace(poll_world);
  installation_poll_->start();
  const ConfigReload::World reload_world{loop_,       live_,        *signer_, *jwts_,
                                         *key_watch_, *app_choice_, *broker_, log_};
  reload_.emplace(reload_world, options.config_path);
  store_key_rotation_.emplace(
      StoreKeyRotation::World{*database_, *store_writer_, loop_, loop_, log_});
  store_key_rotation_->resume();
  store_backup_.emplace(database_->store(), loop_);
  doctor_.emplace(
      Doctor::World{loop_, loop_, loop_, live_, *jwts_, *github_, *github_time_,
                    [this, path = options.config_path] {
                      return HostLook{path, signer_link_->pid(), store_writer_->last_error()};
                    }});
}

Result<Done> Daemon::open_socket(std::span<const Interface> interfaces) {
  Result<ListeningSocket> socket = find_or_make_socket();
  if (!socket.ok()) return socket.error();
  credentials_.emplace(
      Credentials::World{*access_tokens_, *client_jwts_, callers_, credential_epoch_, loop_});
  services_.emplace(Services{loop_,
                             live_,
                             budgets_,
                             *credentials_,
                             credential_epoch_,
                             *traffic_,
                             *gate_,
                             *broker_,
                             *revocations_,
                             *exclusive_,
                             *installations_,
                             *app_choice_,
                             *rate_limits_,
                             *access_tokens_,
                             *clients_,
                             *client_logins_,
                             *verification_keys_,
                             *history_,
                             *maintenance_,
                             *store_audit_,
                             *state_counts_,
                             *jwts_,
                             *github_time_,
                             *webhook_events_,
                             *installation_poll_,
                             *signer_,
                             *store_writer_,
                             audit_,
                             log_,
                             *reload_,
                             *doctor_,
                             *store_key_rotation_,
                             *store_backup_,
                             loop_.unix_now(),
                             [this] { return server_->connections(); }});
  const UnixServer::World world{loop_, *services_, callers_, interfaces};
  server_.emplace(world, std::move(socket).value());
  return Done{};
}

Result<ListeningSocket> Daemon::find_or_make_socket() {
  auto inherited = take_listen_fds(process_environment());
  if (!inherited.ok()) return inherited.error();
  if (!inherited.value().empty()) {
    return ListeningSocket::inherit(std::move(inherited.value().front().fd));
  }
  const DaemonConfig& config = live_.config().daemon;
  ListeningSocketOptions options{.path = config.socket, .mode = config.socket_mode};
  if (!config.socket_group.empty()) {
    options.group = find_gid(config.socket_group);
    if (!options.group) {
      return Error{TOKMAN_E_CONFIGURATION,
                   "daemon.socket_group: there is no group '" + config.socket_group + "'"};
    }
  }
  return ListeningSocket::make(options);
}

void Daemon::run() {
  signals_.emplace(loop_, Signals::Handlers{.terminate = [this] { on_terminate(); },
                                            .reload = [this] { on_reload_signal(); }});
  if (notifier_.watchdog_interval()) on_watchdog();
  log_.info("started", {{"version", kVersion}, {"socket", live_.config().daemon.socket}});
  tell_ready();
  // The start needs more code than all that follows: parsers, and the first exchange with GitHub.
  resting_ = loop_.at(loop_.now() + kRestAfter, [] { release_code_pages(); });
  loop_.run_until_stopped();
  log_.info("stopped");
}

void Daemon::tell_ready() {
  const Result<Done> told = notifier_.ready("serving " + live_.config().daemon.socket);
  if (!told.ok()) log_.warning("systemd not told", {{"error", told.error().message}});
}

void Daemon::on_watchdog() {
  (void)notifier_.watchdog();  // If it does not arrive, systemd restarts us: that is its purpose.
  const auto half = *notifier_.watchdog_interval() / 2;
  const auto due = loop_.now() + std::chrono::duration_cast<std::chrono::milliseconds>(half);
  watchdog_ = loop_.at(due, [this] { on_watchdog(); });
}

void Daemon::on_reload_signal() {
  if (is_stopping_) return;
  (void)notifier_.reloading();  // Only for what `systemctl status` shows.
  reloading_ = reload_->start([this](const Result<Done>&) { tell_ready(); });
}

void Daemon::on_terminate() {
  if (std::exchange(is_stopping_, true)) return;
  log_.info("stopping");
  (void)notifier_.stopping();  // Likewise.
  stop_timeout_ =
      loop_.at(loop_.now() + live_.config().daemon.stop_timeout, [this] { on_stop_timeout(); });
  server_->stop([this] { on_all_answered(); });
}

void Daemon::on_stop_timeout() {
  log_.warning("calls refused: the stop timeout is over");
  server_->fail_all(Error{TOKMAN_E_SHUTTING_DOWN, "the daemon is stopping; ask again"});
}

void Daemon::on_all_answered() {
  stop_timeout_.reset();
  broker_->stop();
  revocations_->stop();
  maintenance_->stop();
  audit_.flush();
  store_writer_->flush([this] { loop_.stop(); });
}

}  // namespace tokman
