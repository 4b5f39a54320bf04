// [[app]]: identity, hosts, keys, installations.
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/config/config_fixture.h"

namespace tokman {
namespace {

TEST(ConfigFixture, an_app_has_its_app_id) {
  assert_int_equal(fixture.build_app("").config.apps[0].app_id, 7);
}

TEST(ConfigFixture, a_client_id_alone_is_enough) {
  const auto draft = fixture.build(fixture.store + fixture.app + "client_id = 'Iv23li'\n");
  assert_int_equal(draft.problems.size(), 0);
  assert_string_equal(draft.config.apps[0].client_id.c_str(), "Iv23li");
}

TEST(ConfigFixture, an_app_without_an_id_is_refused) {
  assert_string_equal(fixture.problems_with(fixture.app).c_str(),
                      "1.toml:3: app 'ci': 'app_id' or 'client_id' is needed\n");
}

TEST(ConfigFixture, an_app_may_have_both_ids) {
  assert_string_equal(fixture.problems_with_app("client_id = 'Iv23li'\n").c_str(), "");
}

TEST(ConfigFixture, an_app_has_its_webhook_secrets_in_order) {
  const AppConfig app =
      fixture.build_app("webhook_secrets = ['file:/new', 'env:OLD']\n").config.apps[0];
  assert_true(app.webhook_secrets == (std::vector<std::string>{"file:/new", "env:OLD"}));
}

TEST(ConfigFixture, a_webhook_secret_itself_is_no_place_of_one) {
  assert_string_not_equal(fixture.problems_with_app("webhook_secrets = 'hunter2'\n").c_str(), "");
}

TEST(ConfigFixture, an_app_without_name_and_keys_is_refused) {
  assert_string_equal(fixture.problems_with("[[app]]\napp_id = 7\n").c_str(),
                      "1.toml:3: app: 'name' is missing\n"
                      "1.toml:3: app: 'private_keys' is missing\n");
}

TEST(ConfigFixture, no_keys_at_all_is_refused) {
  const auto problems =
      fixture.problems_with("[[app]]\nname = 'ci'\napp_id = 7\nprivate_keys = []\n");
  assert_string_equal(problems.c_str(), "1.toml:6: app 'ci': 'private_keys' must not be empty\n");
}

TEST(ConfigFixture, two_apps_of_one_name_are_refused) {
  assert_string_equal(fixture.problems_with_app(fixture.app + "app_id = 8\n").c_str(),
                      "1.toml:7: app 'ci': is there twice\n");
}

TEST(ConfigFixture, without_a_host_an_app_is_on_github_com) {
  const AppConfig app = fixture.build_app("").config.apps[0];
  assert_string_equal(app.api_base.c_str(), "https://api.github.com");
  assert_string_equal(app.git_host.c_str(), "github.com");
}

TEST(ConfigFixture, an_enterprise_server_has_its_api_below_its_own_host) {
  const AppConfig app = fixture.build_app("host = 'GHE.Example.org'\n").config.apps[0];
  assert_string_equal(app.api_base.c_str(), "https://ghe.example.org/api/v3");
  assert_string_equal(app.git_host.c_str(), "ghe.example.org");
}

TEST(ConfigFixture, data_residency_has_its_api_beside_its_host) {
  const AppConfig app = fixture.build_app("host = 'octo.ghe.com'\n").config.apps[0];
  assert_string_equal(app.api_base.c_str(), "https://api.octo.ghe.com");
  assert_string_equal(app.git_host.c_str(), "octo.ghe.com");
}

TEST(ConfigFixture, an_api_base_alone_also_says_the_git_host) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://api.github.com", "github.com"},
      {"https://api.octo.ghe.com/", "octo.ghe.com"},
      {"https://ghe.example.org/api/v3", "ghe.example.org"},
      {"https://api.example.org/api/v3", "api.example.org"},
      {"https://127.0.0.1:8443", "127.0.0.1:8443"},
  };
  for (const auto& [api_base, git_host] : cases) {
    const auto draft = fixture.build_app("api_base = '" + std::string(api_base) + "'\n");
    assert_string_equal(draft.config.apps[0].git_host.c_str(), git_host);
  }
}

TEST(ConfigFixture, what_is_given_is_not_derived) {
  const AppConfig app =
      fixture.build_app("host = 'a.example'\napi_base = 'https://b.example/x/'\ngit_host = 'C'\n")
          .config.apps[0];
  assert_string_equal(app.api_base.c_str(), "https://b.example/x");
  assert_string_equal(app.git_host.c_str(), "c");
}

TEST(ConfigFixture, an_api_base_without_tls_is_refused) {
  assert_string_equal(fixture.problems_with_app("api_base = 'http://localhost'\n").c_str(),
                      "1.toml:7: app 'ci': 'api_base' must be an https:// address without user "
                      "or query\n");
}

TEST(ConfigFixture, installations_are_by_owner_in_lower_case) {
  const AppConfig app = fixture.build_app("installations = { Octo-Org = 42 }\n").config.apps[0];
  assert_int_equal(app.installations.at("octo-org"), 42);
}

TEST(ConfigFixture, an_owner_is_there_once_whatever_its_letter_case) {
  assert_string_equal(
      fixture.problems_with_app("installations = { octo = 1, OCTO = 2 }\n").c_str(),
      "1.toml:7: app 'ci': 'installations.octo' is there twice: letter case makes no "
      "difference\n");
}

TEST(ConfigFixture, an_installation_is_an_owner_with_an_id) {
  for (const char* entry : {"'a/b' = 1", "'a*' = 1", "a = 0", "a = 'x'"}) {
    const std::string line = std::string("installations = { ") + entry + " }\n";
    assert_string_not_equal(fixture.problems_with_app(line).c_str(), "");
  }
}

TEST(ConfigFixture, lifetimes_have_defaults_and_ranges) {
  const AppConfig app = fixture.build_app("").config.apps[0];
  assert_int_equal(app.renew_before.count(), 20 * 60'000);
  assert_int_equal(app.default_min_lifetime.count(), 5 * 60'000);
  assert_string_equal(fixture.problems_with_app("renew_before = '1h'\n").c_str(),
                      "1.toml:7: app 'ci': 'renew_before' must be a duration, \"1m\" to \"50m\"\n");
  assert_string_not_equal(fixture.problems_with_app("default_min_lifetime = '56m'\n").c_str(), "");
}

TEST(ConfigFixture, apps_are_found_by_name) {
  const Config config = fixture.build_app("").config;
  assert_ptr_equal(config.find_app("ci"), &config.apps[0]);
  assert_null(config.find_app("other"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ConfigFixture, an_app_has_its_app_id),
      RUN(ConfigFixture, a_client_id_alone_is_enough),
      RUN(ConfigFixture, an_app_without_an_id_is_refused),
      RUN(ConfigFixture, an_app_may_have_both_ids),
      RUN(ConfigFixture, an_app_has_its_webhook_secrets_in_order),
      RUN(ConfigFixture, a_webhook_secret_itself_is_no_place_of_one),
      RUN(ConfigFixture, an_app_without_name_and_keys_is_refused),
      RUN(ConfigFixture, no_keys_at_all_is_refused),
      RUN(ConfigFixture, two_apps_of_one_name_are_refused),
      RUN(ConfigFixture, without_a_host_an_app_is_on_github_com),
      RUN(ConfigFixture, an_enterprise_server_has_its_api_below_its_own_host),
      RUN(ConfigFixture, data_residency_has_its_api_beside_its_host),
      RUN(ConfigFixture, an_api_base_alone_also_says_the_git_host),
      RUN(ConfigFixture, what_is_given_is_not_derived),
      RUN(ConfigFixture, an_api_base_without_tls_is_refused),
      RUN(ConfigFixture, installations_are_by_owner_in_lower_case),
      RUN(ConfigFixture, an_owner_is_there_once_whatever_its_letter_case),
      RUN(ConfigFixture, an_installation_is_an_owner_with_an_id),
      RUN(ConfigFixture, lifetimes_have_defaults_and_ranges),
      RUN(ConfigFixture, apps_are_found_by_name),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
