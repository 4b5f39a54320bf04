#pragma once
// Which installation of an app covers an owner: configured, learned from GitHub, or remembered.
//
// An app has one installation per owner, so that is what is remembered: a second repository of the
// same owner costs no look-up. What was learned is used for good and looked up again in the
// background once an hour; a 404 on minting makes the caller forget() it (a reinstalled app has a
// new id). Look-ups of one target are made once, however many wait.
#include <map>
#include <optional>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/base/waiters.h"
#include "daemon/services/github/github_client.h"
#include "daemon/services/store/installation_store.h"

namespace tokman {

class InstallationDirectory {
 public:
  // REQUIRES: all outlive this object.
  InstallationDirectory(GithubClient& github, InstallationStore& store, const Clock& clock);
  ~InstallationDirectory();

  struct Target {
    std::string owner;
    std::string repository;  // "" if the owner as a whole is meant.
  };

  // Without asking GitHub. May start to look an old answer up again, but does not wait for it.
  std::optional<Installation> find(const AppConfig& app, const std::string& owner);

  // Asks GitHub: the repository, then the owner as an organisation, then as a user. An owner that
  // is covered while the repository is not gives REPOSITORY_NOT_ACCESSIBLE.
  using Resolved = Result<Installation>;
  [[nodiscard]] OperationPtr resolve(const AppConfig& app, const Target& target,
                                     std::function<void(const Resolved&)> callback);

  // What is known without asking anyone, now or later; 0 if nothing is.
  std::int64_t known_id(const AppConfig& app, const std::string& owner) const;
  // How many are known of an app, at least.
  std::size_t count(const AppConfig& app) const;

  // Told by others: a webhook, a list. Ids grow, so an older one than is known is old news.
  void learn(const AppConfig& app, const std::string& owner, std::int64_t id);
  void forget(const AppConfig& app, const std::string& owner);

 private:
  struct Lookup;
  struct Known {
    Installation installation;
    Instant learned_at;
  };
  using Key = std::pair<std::string, std::string>;  // app, owner

  void try_next_path(Lookup& lookup);
  void on_answer(Lookup& lookup, Result<Installation> answer);
  void finish(Lookup& lookup, const Resolved& resolved);
  void keep(const AppConfig& app, const std::string& owner, const Installation& installation);
  Lookup& lookup_of(const AppConfig& app, const Target& target);

  GithubClient& github_;
  InstallationStore& store_;
  const Clock& clock_;
  std::map<Key, Known> known_;
  std::map<std::string, std::unique_ptr<Lookup>> lookups_;  // By app and target.
};

}  // namespace tokman
