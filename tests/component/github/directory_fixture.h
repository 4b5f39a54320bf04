#pragma once
// InstallationDirectory on a real store, with a small GitHub.
#include <vector>

#include "daemon/services/github/installation_directory.h"
#include "tests/support/builders.h"
#include "tests/support/captured_log.h"
#include "tests/support/fake_github_answers.h"
#include "tests/support/open_store.h"
#include "tests/support/test_loop.h"

namespace tokman {

struct DirectoryFixture {
  static constexpr const char* kRepoPath = "/repos/octo-org/hello-world/installation";

  DirectoryFixture() {
    github.accounts["octo-org"] = {42, {"hello-world"}};
    open();
  }

  TestLoop loop;
  TempFolder folder;
  CapturedLog lines;
  Log log{lines};
  FakeGithubAnswers github{loop.http, loop.clock};
  AppJwts jwts{loop.signer, loop.clock, loop.timers};
  // What a restart of the daemon loses.
  std::unique_ptr<OpenStore> store;
  std::unique_ptr<GithubTime> time;
  std::unique_ptr<GithubTraffic> traffic;
  std::unique_ptr<GithubClient> client;
  std::unique_ptr<InstallationDirectory> directory;
  AppConfig app = make_app();

  std::vector<OperationPtr> operations;
  std::vector<InstallationDirectory::Resolved> answers;

  void start(const std::string& owner, const std::string& repository = "") {
    operations.push_back(directory->resolve(
        app, {owner, repository},
        [this](const InstallationDirectory::Resolved& answer) { answers.push_back(answer); }));
  }
  void resolve(const std::string& owner, const std::string& repository = "") {
    start(owner, repository);
    loop.run();
  }
  std::int64_t resolved_id() const { return answers.back().value().id; }
  tokman_error error() const { return answers.back().error().code; }

  // Without asking GitHub; 0 if it is not known.
  std::int64_t known_id(const std::string& owner = "octo-org") {
    const auto found = directory->find(app, owner);
    return found ? found->id : 0;
  }
  int requests() const { return loop.http.count(""); }
  void restart() {
    directory.reset();
    client.reset();
    traffic.reset();
    time.reset();
    store.reset();
    open();
  }

 private:
  void open() {
    store = std::make_unique<OpenStore>(folder, loop.background, log);
    time = std::make_unique<GithubTime>(loop.clock, store->clocks, log);
    const GithubTraffic::World world{*time, loop.clock, loop.timers, loop.random, log};
    traffic = std::make_unique<GithubTraffic>(world);
    client = std::make_unique<GithubClient>(loop.http, jwts, *time, *traffic);
    directory = std::make_unique<InstallationDirectory>(*client, store->installations, loop.clock);
  }
};

}  // namespace tokman
