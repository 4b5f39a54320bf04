#include "daemon/services/github/key_watch.h"

#include "daemon/services/github/github_errors.h"

namespace tokman {

void KeyWatch::look() {
  refreshing_ =
      world_.jwts.refresh([this](const Result<Done>& refreshed) { on_refreshed(refreshed); });
  timer_ = world_.timers.at(world_.clock.now() + kInterval, [this] { look(); });
}

// A signer that cannot be reached is told of by others, and looked for again.
void KeyWatch::on_refreshed(const Result<Done>& refreshed) {
  if (!refreshed.ok()) return;
  for (const AppConfig& app : world_.apps()) {
    prove_keys(app);
    drop_replaced(app.name);
  }
}

void KeyWatch::prove_keys(const AppConfig& app) {
  for (const std::string& fingerprint : world_.jwts.keys(app.name).take_due(world_.clock.now())) {
    const KeyName key{app.name, fingerprint};
    if (proofs_.contains(key)) continue;
    proofs_[key] = world_.github.get_app(
        app, [this, key](const Result<AppInfo>& told) { on_proven(key, told); }, fingerprint);
  }
}

void KeyWatch::on_proven(const KeyName& key, const Result<AppInfo>& told) {
  const OperationPtr over = std::move(proofs_.extract(key).mapped());
  const auto [app, fingerprint] = key;
  if (!told.ok()) {
    return world_.log.warning(
        "key not proven",
        {{"app", app}, {"fingerprint", fingerprint}, {"error", describe(told.error())}});
  }
  world_.log.info("key accepted", {{"app", app}, {"fingerprint", fingerprint}});
  drop_replaced(app);
  world_.on_accepted(app);
}

void KeyWatch::drop_replaced(const std::string& app) {
  if (!world_.jwts.keys(app).has_done_with_replaced()) return;
  drops_[app] = world_.signer.drop_replaced_keys(app, [](const Result<Done>&) {});
}

}  // namespace tokman
