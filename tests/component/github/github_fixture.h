#pragma once
// GithubClient and what it stands on, with the network and the signer faked.
#include <string>

#include "daemon/services/github/github_client.h"
#include "tests/support/builders.h"
#include "tests/support/captured_log.h"
#include "tests/support/open_store.h"
#include "tests/support/test_loop.h"

namespace tokman {

struct GithubFixture {
  static constexpr const char* kMint =
      "POST https://api.github.com/app/installations/4242/access_tokens";
  static constexpr const char* kFind = "GET https://api.github.com/orgs/octo-org/installation";

  TestLoop loop;
  TempFolder folder;
  CapturedLog lines;
  Log log{lines};
  OpenStore store{folder, loop.background, log};
  AppJwts jwts{loop.signer, loop.clock, loop.timers};
  GithubTime time{loop.clock, store.clocks, log};
  GithubTraffic traffic{{time, loop.clock, loop.timers, loop.random, log}};
  GithubClient github{loop.http, jwts, time, traffic};
  AppConfig app = make_app();

  OperationPtr operation;
  std::optional<Result<MintedToken>> minted;
  std::optional<Result<Installation>> installation;
  int callbacks = 0;

  OperationPtr start_mint(const MintRequest& request) {
    return github.mint(app, request, [this](Result<MintedToken> result) {
      ++callbacks;
      minted = std::move(result);
    });
  }
  void mint(const MintRequest& request = {4242, {}, {}}) {
    operation = start_mint(request);
    loop.run();
  }
  void find(const std::string& path = "/orgs/octo-org/installation") {
    operation = github.find_installation(app, path, [this](Result<Installation> result) {
      ++callbacks;
      installation = std::move(result);
    });
    loop.run();
  }
  const HttpCall& call(std::size_t index = 0) const { return loop.http.calls().at(index); }
};

}  // namespace tokman
