#include "daemon/services/github/installation_directory.h"

#include <vector>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::chrono::minutes kKnownFor{60};
constexpr std::size_t kKnownMax = 10'000;

}  // namespace

// One look-up at GitHub, path by path, for all who wait for it.
struct InstallationDirectory::Lookup {
  std::string key;
  AppConfig app;
  Target target;
  std::vector<std::string> paths;            // Those still to be tried, the next one last.
  std::optional<GithubAnswer> out_of_reach;  // What GitHub said of the repository, if it was no.
  Waiters<Resolved> waiters;
  OperationPtr step;
};

InstallationDirectory::InstallationDirectory(GithubClient& github, InstallationStore& store,
                                             const Clock& clock)
    : github_(github), store_(store), clock_(clock) {}

InstallationDirectory::~InstallationDirectory() = default;

std::optional<Installation> InstallationDirectory::find(const AppConfig& app,
                                                        const std::string& owner) {
  if (const auto set = app.installations.find(owner); set != app.installations.end()) {
    return Installation{set->second, owner};
  }
  auto known = known_.find({app.name, owner});
  if (known == known_.end()) {
    const auto stored = store_.find(app.name, owner);
    if (!stored) return std::nullopt;
    // Its age is not known on this boot's clock: due for another look.
    const Known entry{{stored->id, stored->account}, clock_.now() - kKnownFor};
    known = known_.emplace(Key{app.name, owner}, entry).first;
  }
  if (clock_.now() - known->second.learned_at >= kKnownFor) {
    known->second.learned_at = clock_.now();
    Lookup& lookup = lookup_of(app, {owner, ""});
    if (!lookup.step) try_next_path(lookup);
  }
  return known->second.installation;
}

OperationPtr InstallationDirectory::resolve(const AppConfig& app, const Target& target,
                                            std::function<void(const Resolved&)> callback) {
  Lookup& lookup = lookup_of(app, target);
  OperationPtr waiting = lookup.waiters.add(std::move(callback));
  if (!lookup.step) try_next_path(lookup);
  return waiting;
}

std::int64_t InstallationDirectory::known_id(const AppConfig& app, const std::string& owner) const {
  if (const auto set = app.installations.find(owner); set != app.installations.end()) {
    return set->second;
  }
  if (const auto known = known_.find({app.name, owner}); known != known_.end()) {
    return known->second.installation.id;
  }
  const auto stored = store_.find(app.name, owner);
  return stored ? stored->id : 0;
}

std::size_t InstallationDirectory::count(const AppConfig& app) const {
  std::size_t count = app.installations.size();
  for (auto at = known_.lower_bound({app.name, ""}); at != known_.end(); ++at) {
    if (at->first.first != app.name) break;
    if (!app.installations.contains(at->first.second)) ++count;
  }
  return count;
}

void InstallationDirectory::learn(const AppConfig& app, const std::string& owner, std::int64_t id) {
  if (id > known_id(app, owner)) keep(app, owner, {id, owner});
}

void InstallationDirectory::forget(const AppConfig& app, const std::string& owner) {
  known_.erase({app.name, owner});
  store_.drop(app.name, owner);
}

InstallationDirectory::Lookup& InstallationDirectory::lookup_of(const AppConfig& app,
                                                                const Target& target) {
  const std::string key = app.name + "/" + target.owner + "/" + target.repository;
  std::unique_ptr<Lookup>& lookup = lookups_[key];
  if (lookup) return *lookup;
  lookup = std::make_unique<Lookup>();
  lookup->key = key;
  lookup->app = app;
  lookup->target = target;
  lookup->paths = {"/users/" + target.owner + "/installation",
                   "/orgs/" + target.owner + "/installation"};
  if (!target.repository.empty()) {
    lookup->paths.push_back("/repos/" + target.owner + "/" + target.repository + "/installation");
  }
  return *lookup;
}

void InstallationDirectory::try_next_path(Lookup& lookup) {
  const std::string path = std::move(lookup.paths.back());
  lookup.paths.pop_back();
  lookup.step = github_.find_installation(
      lookup.app, path,
      [this, &lookup](Result<Installation> answer) { on_answer(lookup, std::move(answer)); });
}

void InstallationDirectory::on_answer(Lookup& lookup, Result<Installation> answer) {
  if (!answer.ok()) {
    if (answer.error().code != TOKMAN_E_APP_NOT_INSTALLED) return finish(lookup, answer);
    if (lookup.paths.empty()) {
      forget(lookup.app, lookup.target.owner);
      return finish(lookup, answer);
    }
    if (!lookup.target.repository.empty()) lookup.out_of_reach = answer.error().github;
    return try_next_path(lookup);
  }
  const std::string& account = answer.value().account;
  if (!account.empty() && lower_case(account) != lookup.target.owner) {
    // GitHub redirects to where a repository has moved. What policy gave was the old owner's.
    return finish(lookup, Error{TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE,
                                "the repository has moved to " + account, "target"});
  }
  keep(lookup.app, lookup.target.owner, answer.value());
  if (!lookup.out_of_reach) return finish(lookup, answer);
  Error error{TOKMAN_E_REPOSITORY_NOT_ACCESSIBLE,
              "the app is installed on " + lookup.target.owner + ", but cannot reach " +
                  lookup.target.owner + "/" + lookup.target.repository +
                  " (or there is no such repository)",
              "target"};
  error.github = lookup.out_of_reach;
  finish(lookup, error);
}

void InstallationDirectory::keep(const AppConfig& app, const std::string& owner,
                                 const Installation& installation) {
  if (known_.size() >= kKnownMax) known_.clear();  // The store still has them all.
  known_[{app.name, owner}] = {installation, clock_.now()};
  store_.put(app.name, owner, {installation.id, installation.account});
}

void InstallationDirectory::finish(Lookup& lookup, const Resolved& resolved) {
  const auto ended = std::move(lookups_.extract(lookup.key).mapped());
  ended->waiters.answer_all(resolved);
}

}  // namespace tokman
