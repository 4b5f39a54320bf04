#pragma once
// EventActions on a broker, with a GitHub whose installations can change.
#include "daemon/services/events/event_actions.h"
#include "tests/component/tokens/broker_fixture.h"

namespace tokman {

struct EventFixture : BrokerFixture {
  EventFixture() { github.accounts["mona"] = {43, {"notes"}}; }

  AppChoice choice{running->installations, loop.clock, loop.timers};
  EventActions actions{{running->client, running->installations, choice, running->broker, log}};

  FakeGithubAnswers::Account& octo() { return github.accounts["octo-org"]; }
  TokenOrder order_of(const std::string& owner, const std::string& repository) const {
    TokenOrder made = order(repository);
    made.owner = owner;
    return made;
  }
  // GitHub says so, and lets happen what follows.
  void tell(const std::string& event, const std::string& action, std::int64_t id = 42) {
    WebhookEvent told{.event = event, .action = action, .installation_id = id, .owner = "octo-org"};
    tell(told);
  }
  void tell(const WebhookEvent& event) {
    actions.apply(app, event, "webhook");
    loop.run();
  }
  void tell_repository(const std::string& action, const std::string& name) {
    WebhookEvent told{.event = "repository", .action = action, .installation_id = 42};
    told.owner = "octo-org";
    told.repositories = {name};
    tell(told);
  }
  void reinstall(std::int64_t new_id) { octo().installation_id = new_id; }

  // Whether a caller who asks gets a token that was there before.
  bool is_cached(const TokenOrder& wanted) {
    const int before = mint_requests();
    return ask(wanted).has_token() && mint_requests() == before;
  }
  bool is_refused_at_once(tokman_error code) {
    const int before = loop.http.count("");
    return ask().was_refused_with(code) && loop.http.count("") == before;
  }
  int look_ups() const { return loop.http.count("octo-org/"); }
};

}  // namespace tokman
