// What the C API does when the daemon answers.
#include <cstdlib>

#include "tests/support/cmocka_cpp.h"
#include "tests/unit/libtokman/session.h"

using tokman::error_reply;
using tokman::FakeDaemon;
using tokman::kToken;
using tokman::Session;

namespace {

TEST(Session, one_line_gets_a_token) {
  assert_int_equal(fixture.get(), 0);
  assert_string_equal(tokman_token_secret(fixture.token), kToken);
  assert_int_equal(tokman_token_expires_at(fixture.token), 1700003600);
  assert_int_equal(tokman_token_minted_at(fixture.token), 1700000000);
  assert_int_equal(tokman_token_source(fixture.token), TOKMAN_SOURCE_CACHE);
  assert_string_equal(tokman_token_fingerprint(fixture.token), "ZmluZ2Vy");
}

TEST(Session, the_json_of_a_token_has_no_secret_in_it) {
  fixture.get();
  const std::string json = tokman_token_json(fixture.token);
  assert_true(json.find("\"installation_id\":4242") != std::string::npos);
  assert_true(json.find("ghs_") == std::string::npos);
}

TEST(Session, a_connection_is_used_again) {
  for (int i = 0; i < 3; ++i) assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.connections(), 1);
  assert_int_equal(fixture.daemon.calls().size(), 3);
}

TEST(Session, each_target_is_asked_for_by_its_name) {
  fixture.get("octo-org/a");
  fixture.get("octo-org/b");
  fixture.get("octo-org/a");
  assert_true(fixture.daemon.calls()[0].find("octo-org/a") != std::string::npos);
  assert_true(fixture.daemon.calls()[1].find("octo-org/b") != std::string::npos);
  assert_true(fixture.daemon.calls()[2].find("octo-org/a") != std::string::npos);
}

TEST(Session, a_request_may_be_used_again) {
  tokman_request* request = nullptr;
  assert_int_equal(tokman_request_new(&request, "octo-org"), 0);
  assert_int_equal(tokman_request_add_permission(request, "contents", TOKMAN_ACCESS_READ), 0);
  assert_int_equal(tokman_get_token(&fixture.token, fixture.client, request), 0);
  tokman_token_free(fixture.token);
  assert_int_equal(tokman_get_token(&fixture.token, fixture.client, request), 0);
  tokman_request_free(request);
  assert_string_equal(fixture.daemon.calls()[0].c_str(), fixture.daemon.calls()[1].c_str());
}

TEST(Session, an_answer_may_come_byte_by_byte) {
  fixture.daemon.will_answer_byte_by_byte(tokman::token_reply());
  assert_int_equal(fixture.get(), 0);
  assert_string_equal(tokman_token_secret(fixture.token), kToken);
}

TEST(Session, tokens_outlive_their_client) {
  fixture.get();
  tokman_client_free(fixture.client);
  fixture.client = nullptr;
  assert_string_equal(tokman_token_secret(fixture.token), kToken);
}

TEST(Session, a_refusal_has_its_code_its_message_and_its_details) {
  const char* details = R"({"message":"no grant names it","retryable":false,"field":"target"})";
  fixture.daemon.will_answer(error_reply("Denied", details));
  assert_int_equal(fixture.get(), TOKMAN_E_DENIED);
  assert_null(fixture.token);
  assert_string_equal(fixture.message().c_str(), "no grant names it");
  assert_string_equal(fixture.details().c_str(), details);
}

TEST(Session, what_github_said_is_in_the_details) {
  const char* details = R"({"message":"slow","retryable":true,"retry_after_ms":1500,)"
                        R"("github":{"status":403,"message":"limit","request_id":"A:1"}})";
  fixture.daemon.will_answer(error_reply("UpstreamLimited", details));
  assert_int_equal(fixture.get(), TOKMAN_E_UPSTREAM_LIMITED);
  assert_string_equal(fixture.details().c_str(), details);
}

TEST(Session, a_refusal_leaves_the_connection_usable) {
  fixture.daemon.will_answer(error_reply("Denied", "{}"));
  fixture.get();
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.connections(), 1);
}

TEST(Session, a_failure_that_the_daemon_knows_nothing_of_has_no_details) {
  fixture.daemon.will_answer(error_reply("Denied", R"({"message":"no"})"));
  fixture.get();
  fixture.get("");
  assert_string_equal(fixture.details().c_str(), "{}");
}

TEST(Session, without_a_failure_there_is_no_message) {
  fixture.get();
  assert_string_equal(fixture.message().c_str(), "");
  assert_string_equal(fixture.details().c_str(), "{}");
}

TEST(Session, a_method_is_called_by_its_name) {
  fixture.daemon.will_answer(std::string(R"({"parameters":{"version":"1"}})") + '\0');
  assert_int_equal(fixture.call("io.tokman.Daemon.Ping", R"({ "x": 1 })"), 0);
  assert_string_equal(tokman_reply_json(fixture.reply), R"({"version":"1"})");
  assert_string_equal(fixture.daemon.calls()[0].c_str(),
                      R"({"method":"io.tokman.Daemon.Ping","parameters":{"x":1}})");
}

TEST(Session, an_answer_of_many_megabytes_arrives_whole) {
  const std::string list = "[\"" + std::string(5'000'000, 'x') + "\"]";
  fixture.daemon.will_answer(R"({"parameters":{"tokens":)" + list + "}}" + '\0');
  assert_int_equal(fixture.call(), 0);
  assert_string_equal(tokman_reply_json(fixture.reply), (R"({"tokens":)" + list + "}").c_str());
  assert_int_equal(fixture.get(), 0);
}

TEST(Session, parameters_that_are_no_object_are_not_sent) {
  for (const char* parameters : {"", "x", "[]", "{\"a\":1", "1"}) {
    assert_int_equal(fixture.call("a.b.C", parameters), TOKMAN_E_INVALID_ARGUMENT);
  }
  assert_int_equal(fixture.daemon.calls().size(), 0);
}

TEST(Session, a_request_that_the_daemon_would_not_take_is_not_sent) {
  const std::string target(70'000, 'x');
  assert_int_equal(fixture.get(target.c_str()), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(fixture.daemon.connections(), 0);
}

TEST(Session, missing_arguments_are_refused) {
  assert_int_equal(tokman_client_new(nullptr), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_client_set_socket(nullptr, "x"), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_client_set_socket(fixture.client, nullptr), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_client_set_socket(fixture.client, ""), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_client_set_timeout_ms(nullptr, 1), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_client_connect(nullptr), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_get(nullptr, fixture.client, "x"), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_get(&fixture.token, nullptr, "x"), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_get(&fixture.token, fixture.client, nullptr), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_get_token(&fixture.token, fixture.client, nullptr),
                   TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_admin_call(nullptr, fixture.client, "a.B", nullptr),
                   TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(fixture.call(nullptr), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(fixture.call(""), TOKMAN_E_INVALID_ARGUMENT);
}

TEST(Session, missing_arguments_of_a_request_are_refused) {
  tokman_request* request = nullptr;
  assert_int_equal(tokman_request_new(&request, ""), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_request_new(nullptr, "x"), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_request_new(&request, "x"), 0);
  const int codes[] = {
      tokman_request_set_app(request, nullptr),
      tokman_request_set_app(nullptr, "ci"),
      tokman_request_add_repository(request, ""),
      tokman_request_add_permission(request, nullptr, TOKMAN_ACCESS_READ),
      tokman_request_add_permission(request, "contents", static_cast<tokman_access>(0)),
      tokman_request_set_min_lifetime_s(nullptr, 1),
      tokman_request_set_priority(request, 1001),
      tokman_request_set_rejected(request, ""),
      tokman_request_set_exclusive(nullptr, 1),
  };
  tokman_request_free(request);
  for (int code : codes) assert_int_equal(code, TOKMAN_E_INVALID_ARGUMENT);
}

// ---- Rejecting and revoking --------------------------------------------------------------------

struct Ending : Session {
  tokman_request* request = nullptr;
  tokman_rejection rejection = TOKMAN_REJECTION_DROPPED;
  int pending = -1;

  Ending() { tokman_request_new(&request, "octo-org"); }
  ~Ending() { tokman_request_free(request); }

  int report(const std::string& answer) {
    daemon.will_answer(R"({"parameters":)" + answer + "}" + '\0');
    return tokman_report_rejected(&rejection, client, request, "ZmluZ2Vy");
  }
  int revoke(const std::string& answer) {
    daemon.will_answer(R"({"parameters":)" + answer + "}" + '\0');
    return tokman_revoke(&pending, client, "ZmluZ2Vy");
  }
};

TEST(Ending, a_rejection_says_what_became_of_the_token) {
  const std::pair<const char*, tokman_rejection> reasons[] = {
      {"dropped", TOKMAN_REJECTION_DROPPED},
      {"superseded", TOKMAN_REJECTION_SUPERSEDED},
      {"replication_lag", TOKMAN_REJECTION_REPLICATION_LAG},
      {"rate_limited", TOKMAN_REJECTION_RATE_LIMITED}};
  for (const auto& [name, value] : reasons) {
    assert_int_equal(fixture.report(std::string(R"({"reason":")") + name + R"("})"), 0);
    assert_int_equal(fixture.rejection, value);
  }
}

TEST(Ending, a_reason_that_is_not_known_is_an_error) {
  assert_int_equal(fixture.report(R"({"reason":"bored"})"), TOKMAN_E_PROTOCOL);
}

TEST(Ending, revoking_names_the_token_and_says_what_is_pending) {
  assert_int_equal(fixture.revoke(R"({"revoked":1,"pending":1})"), 0);
  assert_int_equal(fixture.pending, 1);
  assert_int_equal(fixture.revoke(R"({"revoked":1,"pending":0})"), 0);
  assert_int_equal(fixture.pending, 0);
  assert_string_equal(
      fixture.daemon.calls()[0].c_str(),
      R"({"method":"io.tokman.GitHub.Revoke","parameters":{"fingerprint":"ZmluZ2Vy"}})");
}

TEST(Ending, a_refusal_is_an_error) {
  fixture.daemon.will_answer(error_reply("Denied", R"({"message":"no","retryable":false})"));
  assert_int_equal(tokman_revoke(nullptr, fixture.client, "ZmluZ2Vy"), TOKMAN_E_DENIED);
}

TEST(Ending, missing_arguments_are_refused_before_asking) {
  assert_int_equal(tokman_revoke(nullptr, fixture.client, ""), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_report_rejected(nullptr, fixture.client, fixture.request, "x"),
                   TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_report_rejected(&fixture.rejection, fixture.client, nullptr, "x"),
                   TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(fixture.daemon.connections(), 0);
}

TEST(Session, freeing_nothing_does_nothing) {
  tokman_client_free(nullptr);
  tokman_request_free(nullptr);
  tokman_token_free(nullptr);
  tokman_reply_free(nullptr);
}

TEST(Session, the_socket_may_come_from_the_environment) {
  setenv("TOKMAN_SOCKET", fixture.daemon.socket().c_str(), 1);
  tokman_client_free(fixture.client);
  tokman_client_new(&fixture.client);
  unsetenv("TOKMAN_SOCKET");
  assert_int_equal(fixture.get(), 0);
}

TEST(Session, the_library_has_the_version_of_its_header_and_of_the_project) {
  const std::string version = std::to_string(TOKMAN_VERSION_MAJOR) + "." +
                              std::to_string(TOKMAN_VERSION_MINOR) + "." +
                              std::to_string(TOKMAN_VERSION_PATCH);
  assert_int_equal(tokman_version_number(), TOKMAN_VERSION_NUMBER);
  assert_string_equal(version.c_str(), TOKMAN_PROJECT_VERSION);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Session, one_line_gets_a_token),
      RUN(Session, the_json_of_a_token_has_no_secret_in_it),
      RUN(Session, a_connection_is_used_again),
      RUN(Session, each_target_is_asked_for_by_its_name),
      RUN(Session, a_request_may_be_used_again),
      RUN(Session, an_answer_may_come_byte_by_byte),
      RUN(Session, tokens_outlive_their_client),
      RUN(Session, a_refusal_has_its_code_its_message_and_its_details),
      RUN(Session, what_github_said_is_in_the_details),
      RUN(Session, a_refusal_leaves_the_connection_usable),
      RUN(Session, a_failure_that_the_daemon_knows_nothing_of_has_no_details),
      RUN(Session, without_a_failure_there_is_no_message),
      RUN(Session, a_method_is_called_by_its_name),
      RUN(Session, an_answer_of_many_megabytes_arrives_whole),
      RUN(Session, parameters_that_are_no_object_are_not_sent),
      RUN(Session, a_request_that_the_daemon_would_not_take_is_not_sent),
      RUN(Session, missing_arguments_are_refused),
      RUN(Session, missing_arguments_of_a_request_are_refused),
      RUN(Ending, a_rejection_says_what_became_of_the_token),
      RUN(Ending, a_reason_that_is_not_known_is_an_error),
      RUN(Ending, revoking_names_the_token_and_says_what_is_pending),
      RUN(Ending, a_refusal_is_an_error),
      RUN(Ending, missing_arguments_are_refused_before_asking),
      RUN(Session, freeing_nothing_does_nothing),
      RUN(Session, the_socket_may_come_from_the_environment),
      RUN(Session, the_library_has_the_version_of_its_header_and_of_the_project),
  };
  return cmocka_run_group_tests_name("calls", tests, nullptr, nullptr);
}
