#include "daemon/services/operations/config_reload.h"

#include <memory>

#include "daemon/domain/config/settings.h"

namespace tokman {
namespace {

std::string summary(const std::vector<ConfigProblem>& problems) {
  std::string text = to_string(problems.front());
  if (problems.size() > 1) text += " (and " + std::to_string(problems.size() - 1) + " more)";
  return text;
}

}  // namespace

OperationPtr ConfigReload::start(std::function<void(const Outcome&)> callback) {
  OperationPtr waiting = waiters_.add(std::move(callback));
  if (step_) return waiting;
  const auto loaded = std::make_shared<LoadedConfig>();
  step_ = world_.background.run(
      [loaded, path = config_path_] { *loaded = load_config(path, ConfigReader::daemon); },
      [this, loaded] { on_loaded(std::move(*loaded)); });
  return waiting;
}

void ConfigReload::on_loaded(LoadedConfig loaded) {
  if (loaded.config) return apply(std::move(loaded.config));
  for (const ConfigProblem& problem : loaded.problems) {
    world_.log.error("configuration has an error", {{"problem", to_string(problem)}});
  }
  world_.live.set_error(summary(loaded.problems));
  finish(Error{TOKMAN_E_CONFIGURATION,
               "the old configuration stays in force: " + summary(loaded.problems)});
}

void ConfigReload::apply(std::shared_ptr<const Config> config) {
  for (const std::string& key : keys_needing_restart(world_.live.config(), *config)) {
    world_.log.warning("this change needs a restart", {{"key", key}});
  }
  world_.live.replace(std::move(config));
  world_.log.set_level(world_.live.config().daemon.log_level);
  const auto entries = world_.live.config().daemon.cache_entries_max;
  world_.broker.set_cache_entries_max(static_cast<std::size_t>(entries));
  world_.broker.forget_refusals();
  world_.jwts.forget_all();
  world_.app_choice.forget_all();
  step_ =
      world_.signer.reload([this](const Result<Done>& reloaded) { on_signer_reloaded(reloaded); });
}

void ConfigReload::on_signer_reloaded(const Result<Done>& reloaded) {
  if (!reloaded.ok()) return finish(within("the signer did not reload", reloaded.error()));
  world_.key_watch.look();
  world_.log.info("configuration reloaded",
                  {{"generation", static_cast<std::int64_t>(world_.live.generation())}});
  finish(Done{});
}

void ConfigReload::finish(const Outcome& outcome) {
  step_.reset();
  if (!outcome.ok()) world_.log.error("reload failed", {{"error", outcome.error().message}});
  waiters_.answer_all(outcome);
}

}  // namespace tokman
