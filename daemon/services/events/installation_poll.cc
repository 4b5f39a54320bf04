#include "daemon/services/events/installation_poll.h"

namespace tokman {
namespace {

constexpr const char* kToldBy = "poll";
constexpr std::size_t kSeveral = 2;
constexpr int kPagesMax = 100;
constexpr std::chrono::hours kWholeListEvery{1};
constexpr std::chrono::seconds kOverlap{60};  // A change may become visible late.
constexpr double kJitter = 0.2;

}  // namespace

void InstallationPoll::start() {
  const auto every = world_.live.config().daemon.installation_poll;
  const double share = 1 + kJitter * (world_.random.fraction() - 0.5);
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(every * share);
  timer_ = world_.timers.at(world_.clock.now() + wait, [this] { on_due(); });
}

std::optional<UnixTime> InstallationPoll::last_success(const std::string& app) const {
  const auto found = polled_.find(app);
  return found == polled_.end() ? std::nullopt : found->second.last_success;
}

void InstallationPoll::on_due() {
  const Config& config = world_.live.config();
  std::erase_if(polled_, [&](const auto& item) { return config.find_app(item.first) == nullptr; });
  for (const AppConfig& app : config.apps) {
    Polled& polled = polled_[app.name];
    const std::size_t known = std::max(world_.installations.count(app), polled.changes.size());
    if (known >= kSeveral && !polled.step) begin(app, polled);
  }
  start();
}

void InstallationPoll::begin(const AppConfig& app, Polled& polled) {
  polled.pages = 0;
  polled.is_whole_list = world_.clock.now() >= polled.whole_list_due;
  std::optional<UnixTime> since;
  if (!polled.is_whole_list) since = polled.changes.newest() - kOverlap;
  get_page(app, polled, installation_list_path(since));
}

void InstallationPoll::get_page(const AppConfig& app, Polled& polled, const std::string& path) {
  polled.step = world_.github.list_installations(
      app, path,
      [this, name = app.name](const Result<InstallationPage>& page) { on_page(name, page); });
}

void InstallationPoll::on_page(const std::string& app_name, const Result<InstallationPage>& page) {
  Polled& polled = polled_.at(app_name);  // An app that is gone takes its polls along.
  const OperationPtr ended = std::move(polled.step);
  const AppConfig* app = world_.live.config().find_app(app_name);
  if (app == nullptr) return;
  if (!page.ok()) {
    return world_.log.warning("installations not listed",
                              {{"app", app_name}, {"error", page.error().message}});
  }
  for (const ListedInstallation& listed : page.value().installations) take(*app, polled, listed);
  if (page.value().next.empty()) return finish(*app, polled);
  if (++polled.pages < kPagesMax) return get_page(*app, polled, page.value().next);
  world_.log.warning("installations not listed to the end: too many pages", {{"app", app_name}});
}

// The first list is of what was there before: news is only what contradicts what is in use.
void InstallationPoll::take(const AppConfig& app, Polled& polled,
                            const ListedInstallation& listed) {
  const auto event = polled.changes.see(listed);
  if (!event || listed.owner.empty()) return;
  const std::int64_t known = world_.installations.known_id(app, listed.owner);
  const bool is_news =
      polled.last_success || (known != 0 && (known != listed.id || listed.is_suspended));
  if (is_news) world_.actions.apply(app, *event, kToldBy);
}

void InstallationPoll::finish(const AppConfig& app, Polled& polled) {
  polled.last_success = world_.clock.unix_now();
  if (!polled.is_whole_list) return;
  polled.whole_list_due = world_.clock.now() + kWholeListEvery;
  for (const WebhookEvent& gone : polled.changes.end_whole_list()) {
    world_.actions.apply(app, gone, kToldBy);
  }
}

}  // namespace tokman
