// What is sent to GitHub, with which JWT, and what becomes of the answer.
#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_github_answers.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct ClientFixture : GithubFixture {
  const std::string token = "ghs_" + std::string(36, 'x');

  void answer_mint(int status, const std::string& body) {
    loop.http.answer_once(kMint, status, body);
  }
  void answer_with_token() { answer_mint(201, token_body(token, loop.clock.unix_now() + 1h)); }
  void refuse_jwt() { answer_mint(401, R"({"message":"A JSON web token could not be decoded"})"); }
  static Permissions contents_read() { return Permissions::parse({{"contents", "read"}}).value(); }
};

TEST(ClientFixture, a_token_that_was_minted_is_given) {
  fixture.answer_with_token();
  fixture.mint();
  assert_true(fixture.minted->value().text.reveal() == fixture.token);
}

TEST(ClientFixture, minting_posts_to_the_installation) {
  fixture.mint();
  assert_int_equal(fixture.loop.http.count(ClientFixture::kMint), 1);
}

TEST(ClientFixture, minting_sends_repositories_and_permissions) {
  fixture.mint({4242, {"hello-world", "spoon-knife"}, ClientFixture::contents_read()});
  assert_string_equal(
      fixture.call().body.c_str(),
      R"({"repositories":["hello-world","spoon-knife"],"permissions":{"contents":"read"}})");
}

TEST(ClientFixture, minting_for_the_whole_installation_names_no_repositories) {
  fixture.mint({4242, {}, ClientFixture::contents_read()});
  assert_string_equal(fixture.call().body.c_str(), R"({"permissions":{"contents":"read"}})");
}

TEST(ClientFixture, the_app_shows_its_jwt) {
  fixture.mint();
  assert_string_equal(fixture.call().authorization.c_str(), "Bearer PLANTED-JWT-ci-1");
}

TEST(ClientFixture, the_version_of_the_api_is_named) {
  fixture.app.api_version = "2026-03-10";
  fixture.mint();
  assert_string_equal(fixture.call().headers.at("X-GitHub-Api-Version").c_str(), "2026-03-10");
  assert_string_equal(fixture.call().headers.at("Accept").c_str(), "application/vnd.github+json");
}

TEST(ClientFixture, the_apps_server_is_asked) {
  fixture.app.api_base = "https://ghe.example/api/v3";
  fixture.find();
  assert_string_equal(fixture.call().url.c_str(),
                      "https://ghe.example/api/v3/orgs/octo-org/installation");
}

TEST(ClientFixture, the_apps_authority_and_proxy_are_used) {
  fixture.app.ca_file = "/etc/ghe-ca.pem";
  fixture.app.proxy = "http://proxy.example:3128";
  fixture.find();
  assert_string_equal(fixture.call().ca_file.c_str(), "/etc/ghe-ca.pem");
  assert_string_equal(fixture.call().proxy.c_str(), "http://proxy.example:3128");
}

TEST(ClientFixture, an_installation_that_was_found_is_given) {
  fixture.loop.http.answer_once(ClientFixture::kFind, 200, installation_body(42, "octo-org"));
  fixture.find();
  assert_int_equal(fixture.installation->value().id, 42);
}

TEST(ClientFixture, looking_up_is_a_get_without_a_body) {
  fixture.find();
  assert_int_equal(fixture.loop.http.count(ClientFixture::kFind), 1);
  assert_string_equal(fixture.call().body.c_str(), "");
}

TEST(ClientFixture, a_refusal_is_given_as_an_error) {
  fixture.mint();
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_APP_NOT_INSTALLED);
}

TEST(ClientFixture, a_success_of_another_kind_is_no_success) {
  fixture.answer_mint(200, token_body(fixture.token, fixture.loop.clock.unix_now() + 1h));
  fixture.mint();
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_UPSTREAM_REFUSED);
}

TEST(ClientFixture, no_answer_is_given_as_it_is) {
  fixture.loop.http.answer_once(ClientFixture::kMint, [](const HttpCall&) {
    return Error{TOKMAN_E_UPSTREAM_DOWN, "connection refused"};
  });
  fixture.mint();
  assert_string_equal(fixture.minted->error().message.c_str(), "connection refused");
}

TEST(ClientFixture, a_jwt_is_used_again) {
  fixture.mint();
  fixture.mint();
  assert_int_equal(fixture.loop.signer.signatures, 1);
  assert_string_equal(fixture.call(1).authorization.c_str(), "Bearer PLANTED-JWT-ci-1");
}

TEST(ClientFixture, a_used_jwt_that_is_refused_is_replaced_once) {
  fixture.mint();
  fixture.refuse_jwt();
  fixture.answer_with_token();
  fixture.mint();
  assert_true(fixture.minted->ok());
  assert_string_equal(fixture.call(2).authorization.c_str(), "Bearer PLANTED-JWT-ci-2");
}

TEST(ClientFixture, the_second_refusal_in_a_row_is_final) {
  fixture.mint();
  for (int i = 0; i < 3; ++i) fixture.refuse_jwt();
  fixture.mint();
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_UPSTREAM_AUTH);
  assert_int_equal(fixture.loop.http.count("POST"), 3);
}

TEST(ClientFixture, a_fresh_jwt_that_is_refused_is_not_replaced) {
  fixture.refuse_jwt();
  fixture.mint();
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_UPSTREAM_AUTH);
  assert_int_equal(fixture.loop.signer.signatures, 1);
}

TEST(ClientFixture, a_jwt_that_was_refused_is_not_used_again) {
  fixture.refuse_jwt();
  fixture.mint();
  fixture.mint();
  assert_string_equal(fixture.call(1).authorization.c_str(), "Bearer PLANTED-JWT-ci-2");
}

TEST(ClientFixture, without_a_jwt_nothing_is_sent) {
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer is gone"};
  fixture.mint();
  assert_int_equal(fixture.loop.http.count(""), 0);
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_SECRET_UNAVAILABLE);
}

TEST(ClientFixture, an_error_of_the_signer_names_the_app) {
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer is gone"};
  fixture.mint();
  assert_string_equal(fixture.minted->error().message.c_str(), "app 'ci': the signer is gone");
}

TEST(ClientFixture, nothing_is_called_back_before_start_returns) {
  fixture.operation = fixture.start_mint({4242, {}, {}});
  assert_int_equal(fixture.callbacks, 0);
}

TEST(ClientFixture, one_cancelled_while_signing_never_calls_back) {
  fixture.start_mint({4242, {}, {}}).reset();
  fixture.loop.run();
  assert_int_equal(fixture.callbacks, 0);
  assert_int_equal(fixture.loop.http.count(""), 0);
}

TEST(ClientFixture, one_cancelled_while_github_answers_never_calls_back) {
  fixture.loop.http.is_hanging = true;
  fixture.mint();
  fixture.operation.reset();
  fixture.loop.http.is_hanging = false;
  fixture.loop.run();
  assert_int_equal(fixture.callbacks, 0);
}

// ---- Revoking ----------------------------------------------------------------------------------

struct RevokeFixture : GithubFixture {
  static constexpr const char* kDelete = "DELETE https://api.github.com/installation/token";
  std::optional<Result<Done>> revoked;

  void revoke() {
    operation = github.revoke(app, SecretBytes("ghs_doomed"),
                              [this](const Result<Done>& result) { revoked = result; });
    loop.run();
  }
  void revoke_answered_with(int status) {
    loop.http.answer_once(kDelete, status, R"({"message":"…"})");
    revoke();
  }
};

TEST(RevokeFixture, a_token_is_its_own_credential_when_it_is_revoked) {
  fixture.revoke();
  assert_int_equal(fixture.loop.http.count(RevokeFixture::kDelete), 1);
  assert_string_equal(fixture.call().authorization.c_str(), "Bearer ghs_doomed");
}

TEST(RevokeFixture, a_token_that_github_revoked_is_revoked) {
  fixture.revoke_answered_with(204);
  assert_true(fixture.revoked->ok());
}

TEST(RevokeFixture, a_token_that_is_dead_already_is_revoked) {
  fixture.revoke_answered_with(401);
  assert_true(fixture.revoked->ok());
}

TEST(RevokeFixture, a_token_is_not_revoked_while_github_fails) {
  fixture.revoke_answered_with(502);
  assert_int_equal(fixture.revoked->error().code, TOKMAN_E_UPSTREAM_DOWN);
}

TEST(RevokeFixture, the_apps_authority_and_proxy_are_used_to_revoke) {
  fixture.app.ca_file = "/etc/ghe-ca.pem";
  fixture.app.proxy = "http://proxy.example:3128";
  fixture.revoke();
  assert_string_equal(fixture.call().ca_file.c_str(), "/etc/ghe-ca.pem");
  assert_string_equal(fixture.call().proxy.c_str(), "http://proxy.example:3128");
}

TEST(ClientFixture, an_app_that_github_limits_is_not_sent_for) {
  fixture.loop.http.answer_once(fixture.kMint, [](const HttpCall&) {
    return github_answer(429, "{}", {{"retry-after", "30"}});
  });
  fixture.mint();
  fixture.find();
  assert_int_equal(fixture.loop.http.calls().size(), 1);
  assert_int_equal(fixture.installation->error().code, TOKMAN_E_UPSTREAM_LIMITED);
}

TEST(ClientFixture, a_host_that_keeps_failing_is_not_asked) {
  for (int i = 0; i < 5; ++i) fixture.loop.http.answer_once(fixture.kMint, 502, "{}");
  for (int i = 0; i < 6; ++i) fixture.mint();
  assert_int_equal(fixture.loop.http.calls().size(), 5);
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_UPSTREAM_DOWN);
}

TEST(ClientFixture, what_is_not_sent_is_told_later) {
  for (int i = 0; i < 5; ++i) fixture.loop.http.answer_once(fixture.kMint, 502, "{}");
  for (int i = 0; i < 5; ++i) fixture.mint();
  fixture.operation = fixture.start_mint({4242, {}, {}});
  assert_int_equal(fixture.callbacks, 5);
  fixture.loop.run();
  assert_int_equal(fixture.callbacks, 6);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ClientFixture, a_token_that_was_minted_is_given),
      RUN(ClientFixture, minting_posts_to_the_installation),
      RUN(ClientFixture, minting_sends_repositories_and_permissions),
      RUN(ClientFixture, minting_for_the_whole_installation_names_no_repositories),
      RUN(ClientFixture, the_app_shows_its_jwt),
      RUN(ClientFixture, the_version_of_the_api_is_named),
      RUN(ClientFixture, the_apps_server_is_asked),
      RUN(ClientFixture, the_apps_authority_and_proxy_are_used),
      RUN(ClientFixture, an_installation_that_was_found_is_given),
      RUN(ClientFixture, looking_up_is_a_get_without_a_body),
      RUN(ClientFixture, a_refusal_is_given_as_an_error),
      RUN(ClientFixture, a_success_of_another_kind_is_no_success),
      RUN(ClientFixture, no_answer_is_given_as_it_is),
      RUN(ClientFixture, a_jwt_is_used_again),
      RUN(ClientFixture, a_used_jwt_that_is_refused_is_replaced_once),
      RUN(ClientFixture, the_second_refusal_in_a_row_is_final),
      RUN(ClientFixture, a_fresh_jwt_that_is_refused_is_not_replaced),
      RUN(ClientFixture, a_jwt_that_was_refused_is_not_used_again),
      RUN(ClientFixture, without_a_jwt_nothing_is_sent),
      RUN(ClientFixture, an_error_of_the_signer_names_the_app),
      RUN(ClientFixture, nothing_is_called_back_before_start_returns),
      RUN(ClientFixture, one_cancelled_while_signing_never_calls_back),
      RUN(ClientFixture, one_cancelled_while_github_answers_never_calls_back),
      RUN(RevokeFixture, a_token_is_its_own_credential_when_it_is_revoked),
      RUN(RevokeFixture, a_token_that_github_revoked_is_revoked),
      RUN(RevokeFixture, a_token_that_is_dead_already_is_revoked),
      RUN(RevokeFixture, a_token_is_not_revoked_while_github_fails),
      RUN(RevokeFixture, the_apps_authority_and_proxy_are_used_to_revoke),
      RUN(ClientFixture, an_app_that_github_limits_is_not_sent_for),
      RUN(ClientFixture, a_host_that_keeps_failing_is_not_asked),
      RUN(ClientFixture, what_is_not_sent_is_told_later),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
