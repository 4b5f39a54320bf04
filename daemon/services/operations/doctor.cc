#include "daemon/services/operations/doctor.h"

#include <algorithm>

namespace tokman {

struct Doctor::AppVisit {
  AppConfig app;
  std::optional<Result<AppInfo>> info;
  std::optional<std::vector<AppFacts::Installed>> installations;
  bool is_whole = true;
  OperationPtr step;
};

struct Doctor::Examination {
  // A reload meanwhile changes nothing of this report.
  std::shared_ptr<const Config> config;
  HostFacts host;
  bool has_signer = false;
  std::vector<std::unique_ptr<AppVisit>> visits;
  std::size_t open = 0;  // Answers still to come.
  OperationPtr host_step;
  OperationPtr signer_step;
  OperationPtr timeout;
};

Doctor::Doctor(World world) : world_(std::move(world)) {}

Doctor::~Doctor() = default;

OperationPtr Doctor::examine(std::function<void(const Findings&)> callback) {
  OperationPtr waiting = waiters_.add(std::move(callback));
  if (examination_) return waiting;
  examination_ = std::make_unique<Examination>();
  examination_->config = std::make_shared<const Config>(world_.live.config());
  examination_->timeout = world_.timers.at(world_.clock.now() + kTimeMax, [this] { finish(); });
  examination_->signer_step =
      world_.jwts.refresh([this](const AppJwts::Refreshed& refreshed) { on_signer(refreshed); });
  return waiting;
}

// A signer that answers has closed its sandbox, and told of its keys.
void Doctor::on_signer(const AppJwts::Refreshed& refreshed) {
  examination_->has_signer = refreshed.ok();
  examination_->open = 1 + examination_->config->apps.size();
  look_at_host();
  ask_github();
}

void Doctor::look_at_host() {
  const auto facts = std::make_shared<HostFacts>();
  examination_->host_step = world_.background.run(
      [facts, look = world_.where_to_look(), config = examination_->config] {
        *facts = tokman::look_at_host(look, *config);
      },
      [this, facts] {
        examination_->host = std::move(*facts);
        note_done();
      });
}

void Doctor::ask_github() {
  for (const AppConfig& app : examination_->config->apps) {
    AppVisit& visit = *examination_->visits.emplace_back(std::make_unique<AppVisit>());
    visit.app = app;
    visit.step = world_.github.get_app(
        app, [this, &visit](const Result<AppInfo>& info) { on_app(visit, info); });
  }
}

// One page is enough to see that it works, and to name the first hundred.
void Doctor::on_app(AppVisit& visit, const Result<AppInfo>& info) {
  visit.info = info;
  if (!info.ok()) return note_done();
  visit.step = world_.github.list_installations(
      visit.app, installation_list_path(std::nullopt),
      [this, &visit](const Result<InstallationPage>& page) {
        if (page.ok()) {
          visit.installations.emplace();
          visit.is_whole = page.value().next.empty();
          for (const ListedInstallation& listed : page.value().installations) {
            visit.installations->push_back({listed.id, listed.owner, listed.is_suspended});
          }
        }
        note_done();
      });
}

void Doctor::note_done() {
  if (--examination_->open == 0) finish();
}

void Doctor::finish() {
  const std::unique_ptr<Examination> ended = std::move(examination_);
  const Config& config = *ended->config;
  ended->host.signer.is_reachable = ended->has_signer;
  Findings findings = judge_configuration(ended->host);
  findings.push_back(judge_socket(config.daemon, ended->host));
  findings.push_back(judge_store(config.daemon, ended->host));
  findings.push_back(judge_signer(ended->host));
  if (auto network = judge_signer_network(config, ended->host)) findings.push_back(*network);
  for (const auto& visit : ended->visits) {
    const Error no_answer{TOKMAN_E_TIMED_OUT, "no answer; the exchange timed out"};
    const KeyChoice* keys = world_.jwts.find_keys(visit->app.name);
    const AppFacts facts{.app = visit->app,
                         .keys = keys != nullptr ? keys->keys() : std::vector<KnownKey>(),
                         .info = visit->info.value_or(no_answer),
                         .clock_offset = world_.time.host(visit->app.api_base).offset(),
                         .installations = visit->installations,
                         .is_whole = visit->is_whole};
    const Findings of_app = judge_app(config, facts);
    findings.insert(findings.end(), of_app.begin(), of_app.end());
  }
  waiters_.answer_all(findings);
}

}  // namespace tokman
