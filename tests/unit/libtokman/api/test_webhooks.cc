// What the C API does with webhooks; that their bytes arrive is shown with a real daemon.
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/libtokman/session.h"

using tokman::error_reply;
using tokman::Session;

namespace {

struct WebhookSession : Session {
  int valid = -1;

  int verify(const void* body = "x", size_t size = 1) {
    return tokman_verify_webhook(&valid, client, "ci", "sha256=00", body, size);
  }
  void will_say(const std::string& parameters) {
    daemon.will_answer(R"({"parameters":)" + parameters + "}" + '\0');
  }
};

TEST(WebhookSession, what_github_signed_is_valid) {
  fixture.will_say(R"({"valid":true,"secret_index":0})");
  assert_int_equal(fixture.verify(), 0);
  assert_int_equal(fixture.valid, 1);
}

TEST(WebhookSession, what_github_did_not_sign_is_not_and_that_is_no_error) {
  fixture.will_say(R"({"valid":false})");
  assert_int_equal(fixture.verify(), 0);
  assert_int_equal(fixture.valid, 0);
}

TEST(WebhookSession, an_empty_body_needs_no_bytes) {
  fixture.will_say(R"({"valid":true})");
  assert_int_equal(fixture.verify(nullptr, 0), 0);
}

TEST(WebhookSession, bytes_that_are_not_there_are_an_error) {
  assert_int_equal(fixture.verify(nullptr, 1), TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman_verify_webhook(nullptr, fixture.client, "ci", "", "x", 1),
                   TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(fixture.daemon.calls().size(), 0);
}

TEST(WebhookSession, the_call_names_app_and_signature_and_does_not_hold_the_body) {
  fixture.will_say(R"({"valid":true})");
  fixture.verify("PLANTED", 7);
  const std::string call = fixture.daemon.calls().at(0);
  assert_true(call.find(R"("app":"ci")") != std::string::npos);
  assert_true(call.find(R"("signature":"sha256=00")") != std::string::npos);
  assert_true(call.find("PLANTED") == std::string::npos);
}

TEST(WebhookSession, a_refusal_leaves_the_verdict_untouched) {
  fixture.daemon.will_answer(error_reply("Denied", R"({"message":"no","retryable":false})"));
  assert_int_equal(fixture.verify(), TOKMAN_E_DENIED);
  assert_int_equal(fixture.valid, -1);
}

TEST(WebhookSession, an_answer_without_a_verdict_is_an_error) {
  fixture.will_say("{}");
  assert_int_equal(fixture.verify(), TOKMAN_E_PROTOCOL);
}

TEST(WebhookSession, a_call_may_have_a_body) {
  fixture.will_say(R"({"applied":true})");
  tokman_reply* reply = nullptr;
  assert_int_equal(tokman_admin_call_with_body(&reply, fixture.client,
                                               "io.tokman.GitHub.HandleWebhook", "{}", "x", 1),
                   0);
  const std::string json = tokman_reply_json(reply);
  tokman_reply_free(reply);
  assert_string_equal(json.c_str(), R"({"applied":true})");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(WebhookSession, what_github_signed_is_valid),
      RUN(WebhookSession, what_github_did_not_sign_is_not_and_that_is_no_error),
      RUN(WebhookSession, an_empty_body_needs_no_bytes),
      RUN(WebhookSession, bytes_that_are_not_there_are_an_error),
      RUN(WebhookSession, the_call_names_app_and_signature_and_does_not_hold_the_body),
      RUN(WebhookSession, a_refusal_leaves_the_verdict_untouched),
      RUN(WebhookSession, an_answer_without_a_verdict_is_an_error),
      RUN(WebhookSession, a_call_may_have_a_body),
  };
  return cmocka_run_group_tests_name("webhooks", tests, nullptr, nullptr);
}
