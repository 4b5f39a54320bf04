// What is read from GitHub's payloads, and what is not believed.
#include "daemon/services/events/webhook_payload.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Payload {
  static WebhookEvent read(std::string_view event, std::string_view body) {
    return parse_webhook(event, body).value().event;
  }
  static bool is_refused(std::string_view body) {
    const auto parsed = parse_webhook("installation", body);
    return !parsed.ok() && parsed.error().code == TOKMAN_E_INVALID_ARGUMENT;
  }
};

TEST(Payload, an_installations_event_tells_its_id_app_and_owner) {
  const auto parsed = parse_webhook("installation", R"({"action":"created","installation":
      {"id":42,"app_id":7,"account":{"login":"Octo-Org"}}})");
  const WebhookEvent& event = parsed.value().event;
  assert_string_equal(event.event.c_str(), "installation");
  assert_string_equal(event.action.c_str(), "created");
  assert_int_equal(event.installation_id, 42);
  assert_string_equal(event.owner.c_str(), "octo-org");
  assert_int_equal(*parsed.value().app_id, 7);
}

TEST(Payload, repositories_that_leave_are_told_by_name) {
  const WebhookEvent event =
      fixture.read("installation_repositories", R"({"action":"removed","installation":{"id":42},
          "repositories_removed":[{"name":"One"},{"name":"two"}]})");
  assert_true((event.repositories == std::vector<std::string>{"one", "two"}));
}

TEST(Payload, more_repositories_than_a_token_can_name_count_as_all) {
  std::string list;
  for (int i = 0; i <= 500; ++i) list += (i > 0 ? "," : "") + std::string(R"({"name":"r"})");
  const WebhookEvent event =
      fixture.read("installation_repositories", R"({"repositories_removed":[)" + list + "]}");
  assert_true(event.repositories.empty());
}

TEST(Payload, a_renamed_account_is_told_by_both_names) {
  const WebhookEvent event = fixture.read("installation_target", R"({"action":"renamed",
      "account":{"login":"new"},"changes":{"login":{"from":"Old"}},"installation":{"id":42}})");
  assert_string_equal(event.owner.c_str(), "new");
  assert_string_equal(event.former_owner.c_str(), "old");
}

TEST(Payload, a_renamed_repository_is_told_by_the_name_it_had) {
  const WebhookEvent event = fixture.read("repository", R"({"action":"renamed",
      "repository":{"name":"new","owner":{"login":"octo-org"}},
      "changes":{"repository":{"name":{"from":"old"}}},"installation":{"id":42}})");
  assert_true((event.repositories == std::vector<std::string>{"old"}));
  assert_string_equal(event.owner.c_str(), "octo-org");
}

TEST(Payload, a_transferred_repository_is_told_by_both_owners) {
  for (const char* kind : {"user", "organization"}) {
    const WebhookEvent event = fixture.read("repository", R"({"action":"transferred",
            "repository":{"name":"notes","owner":{"login":"octo-org"}},
            "changes":{"owner":{"from":{")" + std::string(kind) +
                                                              R"(":{"login":"Mona"}}}}})");
    assert_string_equal(event.owner.c_str(), "octo-org");
    assert_string_equal(event.former_owner.c_str(), "mona");
    assert_true((event.repositories == std::vector<std::string>{"notes"}));
  }
}

TEST(Payload, an_organizations_event_tells_its_name) {
  const WebhookEvent event = fixture.read("organization", R"({"action":"deleted",
      "organization":{"login":"octo-org"},"installation":{"id":42}})");
  assert_string_equal(event.owner.c_str(), "octo-org");
}

TEST(Payload, what_is_missing_is_not_said) {
  const WebhookEvent event = fixture.read("push", "{}");
  assert_string_equal(event.action.c_str(), "");
  assert_int_equal(event.installation_id, 0);
  assert_true(event.repositories.empty());
}

TEST(Payload, what_is_no_json_object_is_refused) {
  assert_true(fixture.is_refused(""));
  assert_true(fixture.is_refused("[]"));
  assert_true(fixture.is_refused("{}x"));
}

TEST(Payload, nesting_is_bounded) {
  assert_true(fixture.is_refused(std::string(100, '[') + std::string(100, ']')));
}

TEST(Payload, names_that_github_cannot_have_are_refused) {
  assert_true(fixture.is_refused(R"({"account":{"login":"a/b"}})"));
  assert_true(fixture.is_refused(R"({"repositories_removed":[{"name":".."}]})"));
  assert_true(fixture.is_refused(R"({"changes":{"login":{"from":"a b"}}})"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Payload, an_installations_event_tells_its_id_app_and_owner),
      RUN(Payload, repositories_that_leave_are_told_by_name),
      RUN(Payload, more_repositories_than_a_token_can_name_count_as_all),
      RUN(Payload, a_renamed_account_is_told_by_both_names),
      RUN(Payload, a_renamed_repository_is_told_by_the_name_it_had),
      RUN(Payload, a_transferred_repository_is_told_by_both_owners),
      RUN(Payload, an_organizations_event_tells_its_name),
      RUN(Payload, what_is_missing_is_not_said),
      RUN(Payload, what_is_no_json_object_is_refused),
      RUN(Payload, nesting_is_bounded),
      RUN(Payload, names_that_github_cannot_have_are_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
