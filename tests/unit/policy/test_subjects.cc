// Whom a call is judged as: a peer, the user of an access token, or a client.
#include <cstring>

#include "daemon/domain/policy/grant_match.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/policy/policy_fixture.h"

namespace tokman {
namespace {

using Levels = std::map<std::string, std::string>;

struct SubjectFixture : PolicyFixture {
  // What presents itself as client "batch"; its process is packit's.
  Subject client() const {
    return {.kind = Subject::Kind::client,
            .facts = peer,
            .client = "batch",
            .scope_bound = ScopeNames{"github:token"},
            .max_priority = {{"ci", 10}, {"*", 5}}};
  }
  Subject user(ScopeNames bound) const {
    return {.kind = Subject::Kind::user, .facts = peer, .scope_bound = std::move(bound)};
  }
  Grant& add_client_grant(const std::string& name) {
    Grant& grant = add_grant(name);
    grant.match = {.clients = {"batch"}};
    return grant;
  }
  bool is_for(const Subject& subject) const { return !policy().matching(subject).empty(); }
  Result<Permit> judge_urgent(const Subject& subject, int priority) const {
    TokenRequest asked = request("octo-org/hello");
    asked.priority = priority;
    return policy().judge(subject, asked);
  }
};

TEST(SubjectFixture, a_grant_that_names_a_client_is_for_it) {
  fixture.add_client_grant("a");
  assert_true(fixture.is_for(fixture.client()));
}

TEST(SubjectFixture, a_grant_that_names_a_client_is_never_for_a_peer_or_a_user) {
  fixture.add_client_grant("a").match.users = {"packit"};
  assert_false(fixture.is_for(fixture.subject()));
  assert_false(fixture.is_for(fixture.user({"github:token"})));
}

TEST(SubjectFixture, a_grant_that_names_no_client_is_never_for_one) {
  fixture.add_grant("a").match = {.users = {"packit"}, .uids = {1000}};
  assert_false(fixture.is_for(fixture.client()));
}

TEST(SubjectFixture, another_client_does_not_match) {
  fixture.add_client_grant("a").match = {.clients = {"Batch", "batch2", ""}};
  assert_false(fixture.is_for(fixture.client()));
}

TEST(SubjectFixture, the_facts_of_the_process_narrow_what_a_client_has) {
  fixture.add_client_grant("a").match = {.uids = {1001}, .clients = {"batch"}};
  assert_false(fixture.is_for(fixture.client()));
  fixture.grants[0].match.uids = {1000};
  assert_true(fixture.is_for(fixture.client()));
  fixture.grants[0].match.units = {"other.service"};
  assert_false(fixture.is_for(fixture.client()));
}

//
TEST(SubjectFixture, an_unmapped_peer_is_nobody_but_its_credential_is_somebody) {
  fixture.add_grant("a");
  fixture.add_client_grant("b");
  Subject client = fixture.client();
  client.facts = {.uid = 65534, .gid = 65534, .pid = 0, .user = "packit"};
  Subject user = fixture.user({"github:token"});
  user.facts.pid = 0;
  assert_true(fixture.is_for(client));
  assert_true(fixture.is_for(user));
  assert_false(fixture.is_for({.facts = client.facts}));
}

TEST(SubjectFixture, an_unmapped_peer_fits_no_account_that_narrows_a_client) {
  fixture.add_client_grant("a").match.users = {"packit"};
  Subject client = fixture.client();
  client.facts.uid = 65534;
  assert_false(fixture.is_for(client));
}

TEST(SubjectFixture, a_token_of_nobodys_gives_nothing) {
  fixture.add_grant("a");
  Subject user = fixture.user({"github:token"});
  user.facts.uid = 65534;
  assert_false(fixture.is_for(user));
}

TEST(SubjectFixture, a_bot_has_a_name_and_no_ids) {
  fixture.add_grant("a").match = {.users = {"bot-ci"}};
  Subject bot = fixture.user({"github:token"});
  bot.facts = {.user = "bot-ci"};
  assert_true(fixture.is_for(bot));
  fixture.grants[0].match.uids = {1000};
  assert_false(fixture.is_for(bot));
}

TEST(SubjectFixture, what_a_credential_lacks_no_grant_gives_it) {
  fixture.add_grant("a").scopes = {"github:token", "admin:daemon", "read:images"};
  const Subject user = fixture.user({"read:images", "admin:token"});
  assert_true(fixture.policy().scopes_of(user) == ScopeNames{"read:images"});
  assert_false(fixture.policy().gives(user, Scope::admin_daemon));
  assert_false(fixture.policy().gives(user, Scope::admin_token));
  assert_false(fixture.policy().gives_app(user, Scope::github_token, "ci"));
  assert_false(fixture.policy().judge(user, fixture.request("octo-org/hello")).ok());
  assert_false(fixture.policy().limits_of(user, Scope::github_token).has_value());
}

TEST(SubjectFixture, what_a_credential_has_its_owners_grants_must_give) {
  fixture.add_grant("a");
  const Subject user = fixture.user({"github:token"});
  assert_true(fixture.policy().gives(user, Scope::github_token));
  assert_true(fixture.policy().judge(user, fixture.request("octo-org/hello")).ok());
  fixture.grants.clear();
  assert_false(fixture.policy().gives(user, Scope::github_token));
}

// TF-11: a client's own bound, by app.
TEST(SubjectFixture, a_client_may_have_the_priority_set_for_the_app) {
  fixture.add_client_grant("a").max_priority = 100;
  assert_true(fixture.judge_urgent(fixture.client(), 10).ok());
  assert_false(fixture.judge_urgent(fixture.client(), 11).ok());
}

TEST(SubjectFixture, a_priority_above_the_clients_own_names_the_client_the_app_and_the_bound) {
  fixture.add_client_grant("a").max_priority = 100;
  TokenRequest asked = fixture.request("octo-org/hello");
  asked.priority = 11;
  asked.app = "ci";
  const Result<Permit> permit = fixture.policy().judge(fixture.client(), asked);
  assert_int_equal(permit.error().code, TOKMAN_E_DENIED);
  assert_string_equal(permit.error().field.c_str(), "priority");
  assert_string_equal(permit.error().message.c_str(),
                      "client 'batch' may have a priority of 10 at most with the app 'ci'");
}

TEST(SubjectFixture, an_app_without_a_row_has_that_of_the_star) {
  fixture.add_client_grant("a").max_priority = 100;
  Subject client = fixture.client();
  client.max_priority = {{"other", 50}, {"*", 5}};
  assert_true(fixture.judge_urgent(client, 5).ok());
  assert_false(fixture.judge_urgent(client, 6).ok());
}

TEST(SubjectFixture, the_greater_of_app_and_star_counts) {
  fixture.add_client_grant("a").max_priority = 100;
  Subject client = fixture.client();
  client.max_priority = {{"ci", 3}, {"*", 5}};
  assert_true(fixture.judge_urgent(client, 5).ok());
}

TEST(SubjectFixture, a_client_without_priorities_has_none) {
  fixture.add_client_grant("a").max_priority = 100;
  Subject client = fixture.client();
  client.max_priority.clear();
  assert_true(fixture.judge_urgent(client, 0).ok());
  assert_false(fixture.judge_urgent(client, 1).ok());
}

TEST(SubjectFixture, the_grants_ceiling_counts_besides_the_clients) {
  fixture.add_client_grant("a").max_priority = 7;
  assert_true(fixture.judge_urgent(fixture.client(), 7).ok());
  const Result<Permit> permit = fixture.judge_urgent(fixture.client(), 8);
  assert_string_equal(permit.error().message.c_str(), "policy allows a priority of 7 at most");
}

TEST(SubjectFixture, the_verdict_on_a_grant_says_that_the_client_may_have_less) {
  fixture.add_client_grant("a").max_priority = 100;
  TokenRequest asked = fixture.request("octo-org/hello");
  asked.priority = 11;
  const auto verdicts = fixture.policy().verdicts(fixture.client(), asked);
  assert_string_equal(verdicts.front().failed.c_str(), "the client may have less priority");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(SubjectFixture, a_grant_that_names_a_client_is_for_it),
      RUN(SubjectFixture, a_grant_that_names_a_client_is_never_for_a_peer_or_a_user),
      RUN(SubjectFixture, a_grant_that_names_no_client_is_never_for_one),
      RUN(SubjectFixture, another_client_does_not_match),
      RUN(SubjectFixture, the_facts_of_the_process_narrow_what_a_client_has),
      RUN(SubjectFixture, an_unmapped_peer_is_nobody_but_its_credential_is_somebody),
      RUN(SubjectFixture, an_unmapped_peer_fits_no_account_that_narrows_a_client),
      RUN(SubjectFixture, a_token_of_nobodys_gives_nothing),
      RUN(SubjectFixture, a_bot_has_a_name_and_no_ids),
      RUN(SubjectFixture, what_a_credential_lacks_no_grant_gives_it),
      RUN(SubjectFixture, what_a_credential_has_its_owners_grants_must_give),
      RUN(SubjectFixture, a_client_may_have_the_priority_set_for_the_app),
      RUN(SubjectFixture, a_priority_above_the_clients_own_names_the_client_the_app_and_the_bound),
      RUN(SubjectFixture, an_app_without_a_row_has_that_of_the_star),
      RUN(SubjectFixture, the_greater_of_app_and_star_counts),
      RUN(SubjectFixture, a_client_without_priorities_has_none),
      RUN(SubjectFixture, the_grants_ceiling_counts_besides_the_clients),
      RUN(SubjectFixture, the_verdict_on_a_grant_says_that_the_client_may_have_less),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
