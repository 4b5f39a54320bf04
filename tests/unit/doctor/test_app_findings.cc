// What the doctor makes of an app: its keys, its GitHub, the clock there, and what it may do.
#include "daemon/domain/doctor/app_findings.h"
#include "tests/support/builders.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using std::chrono::seconds;

struct AppFixture {
  AppConfig app = make_app();
  Config config;
  AppFacts facts{.app = app,
                 .keys = {{.fingerprint = "SHA256:abc",
                           .error = "",
                           .is_replaced = false,
                           .state = KeyState::accepted}},
                 .info = AppInfo{.id = 12345,
                                 .slug = "ci-bot",
                                 .client_id = "Iv23li",
                                 .owner = "octo-org",
                                 .permissions = Permissions::parse({{"contents", "read"}}).value(),
                                 .installations = 1},
                 .clock_offset = seconds(0),
                 .installations = {{{42, "octo-org", false}}},
                 .is_whole = true};

  void add_grant(const std::string& permission, const std::string& level) {
    Grant grant;
    grant.name = "workers";
    grant.apps = {"ci"};
    grant.permissions = Permissions::parse({{permission, level}}).value();
    config.grants.push_back(grant);
  }
  void refuse(int status, const std::string& message) {
    Error error{TOKMAN_E_UPSTREAM_AUTH, "refused"};
    error.github = GithubAnswer{status, message, "A:1"};
    facts.info = error;
  }
  std::string advice_for(const std::string& curl_words) {
    facts.info = Error{TOKMAN_E_UPSTREAM_DOWN, curl_words};
    return judge_reach(facts).advice;
  }
};

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

TEST(AppFixture, an_app_without_trouble_is_good) {
  assert_true(worst_of(judge_app(fixture.config, fixture.facts)) == Verdict::good);
}

TEST(AppFixture, the_key_that_github_accepts_is_named) {
  assert_string_equal(judge_keys(fixture.facts).at(0).text.c_str(),
                      "SHA256:abc is accepted by GitHub");
}

TEST(AppFixture, a_key_that_cannot_be_used_is_bad_and_the_others_are_judged) {
  fixture.facts.keys.push_back({.fingerprint = "",
                                .error = "/ci.pem: no key",
                                .is_replaced = false,
                                .state = KeyState::unusable});
  const Findings findings = judge_keys(fixture.facts);
  assert_int_equal(findings.size(), 2);
  assert_true(findings[1].verdict == Verdict::bad);
  assert_string_equal(findings[1].text.c_str(), "/ci.pem: no key");
}

TEST(AppFixture, a_key_that_github_refuses_is_doubtful) {
  fixture.facts.keys[0].state = KeyState::refused;
  fixture.facts.keys[0].error = "could not be decoded";
  const Finding finding = judge_keys(fixture.facts)[0];
  assert_true(finding.verdict == Verdict::doubtful);
  assert_string_equal(finding.text.c_str(),
                      "SHA256:abc is refused by GitHub: could not be decoded");
}

TEST(AppFixture, a_key_that_is_only_remembered_is_doubtful) {
  fixture.facts.keys[0].error = "/ci.pem: there is no such file";
  assert_true(judge_keys(fixture.facts)[0].verdict == Verdict::doubtful);
}

TEST(AppFixture, a_replaced_key_is_no_finding) {
  fixture.facts.keys.push_back({.fingerprint = "SHA256:old", .error = "", .is_replaced = true});
  assert_int_equal(judge_keys(fixture.facts).size(), 1);
}

TEST(AppFixture, without_a_word_of_the_signer_its_keys_are_doubtful) {
  fixture.facts.keys.clear();
  assert_true(judge_keys(fixture.facts)[0].verdict == Verdict::doubtful);
}

TEST(AppFixture, trouble_with_certificates_points_to_ca_file) {
  assert_true(
      has(fixture.advice_for("SSL certificate problem: unable to get local issuer"), "'ca_file'"));
}

TEST(AppFixture, trouble_with_the_proxy_points_to_proxy) {
  assert_true(has(fixture.advice_for("Could not resolve proxy: nowhere"), "'proxy'"));
}

TEST(AppFixture, a_proxy_that_is_gone_is_suspected_first) {
  fixture.app.proxy = "http://proxy.example.org:3128";
  assert_true(has(fixture.advice_for("Failed to connect to 192.0.2.1 port 3128"), "'proxy'"));
  assert_true(has(judge_reach(fixture.facts).text, "through the proxy http://proxy.example.org"));
}

TEST(AppFixture, trouble_with_names_points_to_dns) {
  assert_true(has(fixture.advice_for("Could not resolve host: api.github.con"), "DNS"));
}

TEST(AppFixture, an_address_that_does_not_answer_is_bad_and_nothing_else_is_said_of_it) {
  fixture.facts.info = Error{TOKMAN_E_UPSTREAM_DOWN, "Connection refused"};
  const Findings findings = judge_app(fixture.config, fixture.facts);
  assert_string_equal(findings.back().name.c_str(), "github:ci");
  assert_true(findings.back().verdict == Verdict::bad);
}

TEST(AppFixture, a_refusal_of_github_is_an_answer) {
  fixture.refuse(401, "A JSON web token could not be decoded");
  assert_true(judge_reach(fixture.facts).verdict == Verdict::good);
  assert_true(judge_identity(fixture.facts).verdict == Verdict::bad);
}

TEST(AppFixture, a_key_of_another_app_calls_for_comparing_fingerprints) {
  fixture.refuse(401, "A JSON web token could not be decoded");
  assert_true(has(judge_identity(fixture.facts).advice, "fingerprints"));
}

TEST(AppFixture, an_unknown_app_calls_for_its_id_and_host) {
  fixture.refuse(404, "Integration not found");
  assert_true(has(judge_identity(fixture.facts).advice, "'app_id'"));
}

TEST(AppFixture, a_clock_is_good_up_to_30_s_and_bad_above_5_min) {
  const auto verdict = [&fixture](seconds offset) {
    fixture.facts.clock_offset = offset;
    return judge_clock(fixture.facts).verdict;
  };
  assert_true(verdict(seconds(30)) == Verdict::good);
  assert_true(verdict(seconds(-31)) == Verdict::doubtful);
  assert_true(verdict(seconds(300)) == Verdict::doubtful);
  assert_true(verdict(seconds(-301)) == Verdict::bad);
}

TEST(AppFixture, which_clock_is_ahead_is_told) {
  fixture.facts.clock_offset = seconds(-40);
  assert_string_equal(judge_clock(fixture.facts).text.c_str(),
                      "this machine is 40 s ahead of GitHub");
}

TEST(AppFixture, what_a_grant_gives_and_the_app_lacks_is_named_with_the_grant) {
  fixture.add_grant("issues", "write");
  const Findings findings = judge_permissions(fixture.config, fixture.facts);
  assert_true(findings.at(0).verdict == Verdict::bad);
  assert_string_equal(findings[0].text.c_str(),
                      "grant 'workers' gives issues:write, which the app lacks");
}

TEST(AppFixture, a_level_above_the_apps_is_lacking_too) {
  fixture.add_grant("contents", "write");
  assert_true(judge_permissions(fixture.config, fixture.facts)[0].verdict == Verdict::bad);
}

TEST(AppFixture, grants_of_other_apps_are_left_out) {
  fixture.add_grant("issues", "write");
  fixture.config.grants[0].apps = {"other"};
  assert_true(judge_permissions(fixture.config, fixture.facts)[0].verdict == Verdict::good);
}

TEST(AppFixture, a_suspended_installation_is_doubtful) {
  fixture.facts.installations->push_back({43, "monalisa", true});
  const Findings findings = judge_installations(fixture.config, fixture.facts);
  assert_true(findings.at(0).verdict == Verdict::doubtful);
  assert_string_equal(findings[0].text.c_str(), "monalisa (43) is suspended");
}

TEST(AppFixture, an_app_that_is_installed_nowhere_is_bad) {
  fixture.facts.installations->clear();
  assert_true(judge_installations(fixture.config, fixture.facts)[0].verdict == Verdict::bad);
}

TEST(AppFixture, an_organization_without_the_app_is_bad) {
  fixture.config.organizations["packit"] = {"ci", 0};
  const Findings findings = judge_installations(fixture.config, fixture.facts);
  assert_string_equal(findings.at(0).text.c_str(),
                      "the configuration names packit, where it is not installed");
}

TEST(AppFixture, of_a_list_with_more_pages_nothing_is_missed) {
  fixture.config.organizations["packit"] = {"ci", 0};
  fixture.facts.is_whole = false;
  assert_true(judge_installations(fixture.config, fixture.facts)[0].verdict == Verdict::good);
}

TEST(AppFixture, an_installation_id_that_is_another_at_github_is_bad) {
  fixture.app.installations["octo-org"] = 7;
  const Findings findings = judge_installations(fixture.config, fixture.facts);
  assert_string_equal(findings.at(0).text.c_str(),
                      "the configuration says 7 for octo-org, GitHub says 42");
}

TEST(AppFixture, a_list_that_could_not_be_had_is_doubtful) {
  fixture.facts.installations.reset();
  assert_true(judge_installations(fixture.config, fixture.facts)[0].verdict == Verdict::doubtful);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(AppFixture, an_app_without_trouble_is_good),
      RUN(AppFixture, the_key_that_github_accepts_is_named),
      RUN(AppFixture, a_key_that_cannot_be_used_is_bad_and_the_others_are_judged),
      RUN(AppFixture, a_key_that_github_refuses_is_doubtful),
      RUN(AppFixture, a_key_that_is_only_remembered_is_doubtful),
      RUN(AppFixture, a_replaced_key_is_no_finding),
      RUN(AppFixture, without_a_word_of_the_signer_its_keys_are_doubtful),
      RUN(AppFixture, trouble_with_certificates_points_to_ca_file),
      RUN(AppFixture, trouble_with_the_proxy_points_to_proxy),
      RUN(AppFixture, a_proxy_that_is_gone_is_suspected_first),
      RUN(AppFixture, trouble_with_names_points_to_dns),
      RUN(AppFixture, an_address_that_does_not_answer_is_bad_and_nothing_else_is_said_of_it),
      RUN(AppFixture, a_refusal_of_github_is_an_answer),
      RUN(AppFixture, a_key_of_another_app_calls_for_comparing_fingerprints),
      RUN(AppFixture, an_unknown_app_calls_for_its_id_and_host),
      RUN(AppFixture, a_clock_is_good_up_to_30_s_and_bad_above_5_min),
      RUN(AppFixture, which_clock_is_ahead_is_told),
      RUN(AppFixture, what_a_grant_gives_and_the_app_lacks_is_named_with_the_grant),
      RUN(AppFixture, a_level_above_the_apps_is_lacking_too),
      RUN(AppFixture, grants_of_other_apps_are_left_out),
      RUN(AppFixture, a_suspended_installation_is_doubtful),
      RUN(AppFixture, an_app_that_is_installed_nowhere_is_bad),
      RUN(AppFixture, an_organization_without_the_app_is_bad),
      RUN(AppFixture, of_a_list_with_more_pages_nothing_is_missed),
      RUN(AppFixture, an_installation_id_that_is_another_at_github_is_bad),
      RUN(AppFixture, a_list_that_could_not_be_had_is_doubtful),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
