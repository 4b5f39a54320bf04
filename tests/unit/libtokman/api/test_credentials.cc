// What the C API shows the daemon with a call, and how it logs in.
#include <algorithm>

#include "libtokman/client/deadline.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/libtokman/session.h"

using tokman::error_reply;
using tokman::token_reply;

namespace {

constexpr const char* kCredential = "tmk_abcdefghijklmnopqrstuv.0123456789abcdefghijkl";
constexpr const char* kClientKey = R"(a "key" with \ in it)";
constexpr const char* kLoginCall =
    R"({"method":"io.tokman.Access.Authenticate","parameters":)"
    R"({"client_id":"packit","client_key":"a \"key\" with \\ in it"}})";

std::string login_reply(const char* jwt, int expires_in = 600) {
  return R"({"parameters":{"token":")" + std::string(jwt) +
         R"(","token_type":"Bearer","expires_in":)" + std::to_string(expires_in) +
         R"(,"expires_at":1700000600,"scopes":[],"max_priority":{}}})" + '\0';
}

std::string ping_call(const char* auth) {
  return R"({"method":"io.tokman.Daemon.Ping","parameters":{"auth":")" + std::string(auth) +
         R"("}})";
}

struct Caller : tokman::Session {
  std::vector<std::string> calls() { return daemon.calls(); }
  int log_in() { return tokman_client_login(client, "packit", kClientKey); }
  void log_in_with(const std::string& answer) {
    daemon.will_answer(answer);
    assert_int_equal(log_in(), 0);
  }
  long logins() {
    const auto all = calls();
    return std::count(all.begin(), all.end(), kLoginCall);
  }
};

TEST(Caller, a_credential_goes_with_every_call) {
  assert_int_equal(tokman_client_set_credential(fixture.client, kCredential), 0);
  fixture.call();
  fixture.call("io.tokman.GitHub.GetRateLimit", R"({"target":"octo-org"})");
  assert_int_equal(fixture.get("octo-org"), 0);
  const std::string shown = std::string(R"("parameters":{"auth":")") + kCredential + '"';
  assert_int_equal(fixture.calls().size(), 3);
  assert_string_equal(fixture.calls()[0].c_str(), ping_call(kCredential).c_str());
  for (const std::string& call : fixture.calls()) assert_true(call.find(shown) != call.npos);
}

TEST(Caller, a_request_keeps_no_credential_that_was_taken_away) {
  tokman_client_set_credential(fixture.client, kCredential);
  fixture.get();
  assert_int_equal(tokman_client_set_credential(fixture.client, nullptr), 0);
  fixture.get();
  assert_true(fixture.calls()[0].find("tmk_") != std::string::npos);
  assert_true(fixture.calls()[1].find("auth") == std::string::npos);
}

TEST(Caller, a_credential_among_the_parameters_goes_before_that_of_the_client) {
  tokman_client_set_credential(fixture.client, kCredential);
  fixture.call("io.tokman.Daemon.Ping", R"({"auth":"tmk_another"})");
  assert_string_equal(fixture.calls()[0].c_str(), ping_call("tmk_another").c_str());
}

TEST(Caller, what_cannot_be_a_credential_is_refused_at_once) {
  for (const std::string& wrong :
       {std::string(), std::string("tmk_a.b\n"), std::string("a b"), std::string(5000, 'a')}) {
    assert_int_equal(tokman_client_set_credential(fixture.client, wrong.c_str()),
                     TOKMAN_E_INVALID_ARGUMENT);
  }
  fixture.call();
  assert_true(fixture.calls()[0].find("auth") == std::string::npos);
}

TEST(Caller, a_refused_credential_is_not_shown_again) {
  tokman_client_set_credential(fixture.client, kCredential);
  fixture.daemon.will_answer(error_reply("TokenExpired", R"({"message":"ended"})"));
  assert_int_equal(fixture.get(), TOKMAN_E_TOKEN_EXPIRED);
  assert_int_equal(fixture.calls().size(), 1);
}

TEST(Caller, a_login_shows_the_jwt_that_it_got) {
  fixture.log_in_with(login_reply("ey.a.b"));
  fixture.call();
  assert_string_equal(fixture.calls()[0].c_str(), kLoginCall);
  assert_string_equal(fixture.calls()[1].c_str(), ping_call("ey.a.b").c_str());
}

TEST(Caller, with_only_one_of_id_and_key_nothing_is_sent) {
  for (const char* none : {static_cast<const char*>(nullptr), ""}) {
    assert_int_equal(tokman_client_login(fixture.client, "packit", none),
                     TOKMAN_E_INVALID_ARGUMENT);
    assert_int_equal(tokman_client_login(fixture.client, none, kClientKey),
                     TOKMAN_E_INVALID_ARGUMENT);
  }
  assert_int_equal(fixture.daemon.connections(), 0);
}

TEST(Caller, a_login_that_fails_leaves_the_credential_as_it_was) {
  tokman_client_set_credential(fixture.client, kCredential);
  fixture.daemon.will_answer(error_reply("Unauthenticated", R"({"message":"wrong"})"));
  assert_int_equal(fixture.log_in(), TOKMAN_E_UNAUTHENTICATED);
  assert_string_equal(fixture.message().c_str(), "wrong");
  fixture.call();
  assert_string_equal(fixture.calls()[1].c_str(), ping_call(kCredential).c_str());
}

// TF-26: logs in once more, then gives up.
TEST(Caller, a_refused_login_is_renewed_and_the_call_sent_once_more) {
  fixture.log_in_with(login_reply("ey.a.b"));
  fixture.daemon.will_answer(error_reply("TokenExpired", "{}"));
  fixture.daemon.will_answer(login_reply("ey.c.d"));
  assert_int_equal(fixture.call(), 0);
  assert_string_equal(fixture.calls()[2].c_str(), kLoginCall);
  assert_string_equal(fixture.calls()[3].c_str(), ping_call("ey.c.d").c_str());
}

TEST(Caller, a_call_is_not_sent_a_third_time) {
  fixture.log_in_with(login_reply("ey.a.b"));
  fixture.daemon.will_answer(error_reply("Unauthenticated", "{}"));
  fixture.daemon.will_answer(login_reply("ey.c.d"));
  fixture.daemon.will_answer(error_reply("Unauthenticated", R"({"message":"still not"})"));
  assert_int_equal(fixture.call(), TOKMAN_E_UNAUTHENTICATED);
  assert_string_equal(fixture.message().c_str(), "still not");
  assert_int_equal(fixture.calls().size(), 4);
}

TEST(Caller, a_key_that_is_no_longer_right_is_what_the_caller_hears_of) {
  fixture.log_in_with(login_reply("ey.a.b"));
  fixture.daemon.will_answer(error_reply("TokenExpired", R"({"message":"ended"})"));
  fixture.daemon.will_answer(error_reply("Unauthenticated", R"({"message":"wrong key"})"));
  assert_int_equal(fixture.call(), TOKMAN_E_UNAUTHENTICATED);
  assert_string_equal(fixture.message().c_str(), "wrong key");
  assert_string_equal(fixture.details().c_str(), R"({"message":"wrong key"})");
}

void wait_for_two_milliseconds() {
  const auto end = tokman::Deadline::in_ms(2);
  while (end.remaining_ms() > 0) {
  }
}

TEST(Caller, a_login_near_its_end_is_renewed_before_the_call) {
  fixture.log_in_with(login_reply("ey.a.b", 0));
  wait_for_two_milliseconds();
  fixture.daemon.will_answer(login_reply("ey.c.d"));
  assert_int_equal(fixture.call(), 0);
  assert_int_equal(fixture.logins(), 2);
  assert_string_equal(fixture.calls()[2].c_str(), ping_call("ey.c.d").c_str());
}

TEST(Caller, a_login_that_cannot_be_renewed_yet_serves_to_its_end) {
  fixture.log_in_with(login_reply("ey.a.b", 0));
  wait_for_two_milliseconds();
  fixture.daemon.will_answer(error_reply("Busy", R"({"message":"busy"})"));
  assert_int_equal(fixture.call(), 0);
  assert_string_equal(fixture.calls()[2].c_str(), ping_call("ey.a.b").c_str());
  fixture.get("");
  assert_string_equal(fixture.details().c_str(), "{}");
}

TEST(Caller, an_answer_that_is_no_login_is_not_understood) {
  for (const std::string& wrong : {token_reply(), login_reply("e y"), login_reply("")}) {
    fixture.daemon.will_answer(wrong);
    assert_int_equal(fixture.log_in(), TOKMAN_E_PROTOCOL);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Caller, a_credential_goes_with_every_call),
      RUN(Caller, a_request_keeps_no_credential_that_was_taken_away),
      RUN(Caller, a_credential_among_the_parameters_goes_before_that_of_the_client),
      RUN(Caller, what_cannot_be_a_credential_is_refused_at_once),
      RUN(Caller, a_refused_credential_is_not_shown_again),
      RUN(Caller, a_login_shows_the_jwt_that_it_got),
      RUN(Caller, with_only_one_of_id_and_key_nothing_is_sent),
      RUN(Caller, a_login_that_fails_leaves_the_credential_as_it_was),
      RUN(Caller, a_refused_login_is_renewed_and_the_call_sent_once_more),
      RUN(Caller, a_call_is_not_sent_a_third_time),
      RUN(Caller, a_key_that_is_no_longer_right_is_what_the_caller_hears_of),
      RUN(Caller, a_login_near_its_end_is_renewed_before_the_call),
      RUN(Caller, a_login_that_cannot_be_renewed_yet_serves_to_its_end),
      RUN(Caller, an_answer_that_is_no_login_is_not_understood),
  };
  return cmocka_run_group_tests_name("credentials", tests, nullptr, nullptr);
}
