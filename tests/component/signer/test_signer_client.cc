#include "daemon/services/signer/signer_client.h"

#include <sys/socket.h>

#include <cstring>

#include "libtokman/base/text.h"
#include "tests/support/captured_log.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/support/memfd.h"
#include "tests/support/test_loop.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

// The client, and the test as the signer at the other end of a socketpair.
struct Client {
  Loop loop;       // For the socket only.
  TestLoop world;  // Time and chance; jitter of 0.5 changes nothing.
  CapturedLog lines;
  Log log{lines};
  Fd signer;
  bool can_open = true;
  int opened = 0;
  std::vector<std::string> answers;  // What the callbacks were told.
  SignerClient client{{loop, world.clock, world.timers, world.random, log},
                      [this] { return open(); }};
  std::vector<OperationPtr> operations;  // Last: they end before the client.

  Result<Fd> open() {
    ++opened;
    if (!can_open) return Error{TOKMAN_E_SYSTEM, "no such program"};
    int ends[2];
    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    signer.reset(ends[0]);
    return Fd(ends[1]);
  }

  void sign(const std::string& app) {
    operations.push_back(client.sign_app_jwt({.app = app}, [this](Result<AppJwt> jwt) {
      answers.push_back(jwt.ok() ? std::string(jwt.value().jwt.reveal())
                                 : tokman_error_name(jwt.error().code));
    }));
  }
  void verify(std::string& told) {
    operations.push_back(client.verify_webhook(
        "ci", "sha256=0", make_memfd("x"), [&told](const Result<WebhookVerdict>& verdict) {
          told = verdict.value().is_valid
                     ? "valid " + std::to_string(verdict.value().secret_index.value_or(-1))
                     : "not valid";
        }));
  }
  // What came with the calls that the client has sent.
  Fd received_body() {
    char buffer[4096];
    iovec bytes{buffer, sizeof buffer};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    if (::recvmsg(signer.get(), &message, MSG_DONTWAIT) <= 0) return Fd();
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    int number = -1;
    if (header != nullptr) std::memcpy(&number, CMSG_DATA(header), sizeof number);
    return Fd(number);
  }
  std::string all_answers() { return join(answers, " "); }

  // What the client has sent since last time.
  std::string received() {
    char buffer[65536];
    const ssize_t size = ::recv(signer.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return std::string(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  }
  void reply(const std::string& frame) {
    assert_true(::send(signer.get(), frame.data(), frame.size() + 1, MSG_NOSIGNAL) > 0);
  }
  void reply_jwt(const std::string& jwt) {
    reply(R"({"parameters":{"jwt":")" + jwt +
          R"(","expires_at":1800000300,"key_fingerprint":"SHA256:x"}})");
  }
  // Lets the loop handle what has arrived.
  void turn() {
    for (int i = 0; i < 3; ++i) uv_run(loop.raw(), UV_RUN_NOWAIT);
  }
};

TEST(Client, a_jwt_is_asked_for_by_the_apps_name) {
  fixture.sign("ci");
  const std::string expected =
      R"({"method":"io.tokman.Signer.SignAppJwt","parameters":{"app":"ci"}})";
  assert_true(fixture.received() == expected + '\0');
}

TEST(Client, the_jwt_is_handed_over) {
  fixture.sign("ci");
  fixture.reply_jwt("a.b.c");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "a.b.c");
}

TEST(Client, calls_are_sent_without_waiting_and_answered_in_order) {
  fixture.sign("first");
  fixture.sign("second");
  fixture.reply_jwt("1");
  fixture.reply_jwt("2");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "1 2");
}

TEST(Client, a_cancelled_call_never_calls_back) {
  fixture.sign("ci");
  fixture.operations.clear();
  fixture.reply_jwt("1");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "");
}

TEST(Client, the_answer_of_a_cancelled_call_is_not_taken_for_the_next_ones) {
  fixture.sign("first");
  fixture.operations.clear();
  fixture.sign("second");
  fixture.reply_jwt("1");
  fixture.reply_jwt("2");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "2");
}

TEST(Client, the_signers_error_reaches_the_caller) {
  fixture.sign("ci");
  fixture.reply(R"({"error":"io.tokman.RateLimited","parameters":{"message":"too many"}})");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "RATE_LIMITED");
}

TEST(Client, an_app_that_the_signer_does_not_know_may_be_tried_again) {
  fixture.sign("ci");
  fixture.reply(R"({"error":"io.tokman.NotFound","parameters":{"message":"no app"}})");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "SECRET_UNAVAILABLE");
}

TEST(Client, when_the_signer_dies_calls_in_flight_fail) {
  fixture.sign("ci");
  fixture.signer.reset();
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "SECRET_UNAVAILABLE");
}

TEST(Client, a_signer_that_died_is_started_again_after_a_quarter_of_a_second) {
  fixture.signer.reset();
  fixture.turn();
  fixture.world.advance(249ms);
  assert_int_equal(fixture.opened, 1);
  fixture.world.advance(1ms);
  assert_int_equal(fixture.opened, 2);
}

TEST(Client, jitter_makes_the_pause_shorter_or_longer_by_a_quarter) {
  fixture.world.random.next_fraction = 0;
  fixture.signer.reset();
  fixture.turn();
  fixture.world.advance(187ms);
  assert_int_equal(fixture.opened, 2);
}

TEST(Client, a_loss_is_logged_with_its_reason) {
  fixture.signer.reset();
  fixture.turn();
  assert_string_equal(fixture.lines.line_with("signer lost").c_str(),
                      R"(event="signer lost" error="it closed the connection" retry_in_ms=250)");
}

TEST(Client, restarts_are_counted) {
  fixture.signer.reset();
  fixture.turn();
  assert_int_equal(fixture.client.restarts(), 0);
  fixture.world.advance(250ms);
  assert_int_equal(fixture.client.restarts(), 1);
}

TEST(Client, while_it_cannot_be_started_the_pauses_double_up_to_ten_seconds) {
  fixture.can_open = false;
  fixture.signer.reset();
  fixture.turn();
  for (const auto pause : {250ms, 500ms, 1000ms, 2000ms, 4000ms, 8000ms, 10000ms, 10000ms}) {
    const int before = fixture.opened;
    fixture.world.advance(pause - 1ms);
    assert_int_equal(fixture.opened, before);
    fixture.world.advance(1ms);
    assert_int_equal(fixture.opened, before + 1);
  }
}

TEST(Client, an_answer_makes_the_next_pause_short_again) {
  fixture.can_open = false;
  fixture.signer.reset();
  fixture.turn();
  fixture.world.advance(250ms);
  fixture.can_open = true;
  fixture.world.advance(500ms);
  fixture.sign("ci");
  fixture.reply_jwt("1");
  fixture.turn();
  fixture.signer.reset();
  fixture.turn();
  const int before = fixture.opened;
  fixture.world.advance(250ms);
  assert_int_equal(fixture.opened, before + 1);
}

TEST(Client, a_call_made_meanwhile_is_sent_to_the_next_signer) {
  fixture.signer.reset();
  fixture.turn();
  fixture.sign("ci");
  fixture.world.advance(250ms);
  fixture.reply_jwt("1");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "1");
}

TEST(Client, a_call_that_could_not_be_sent_fails_after_five_seconds) {
  fixture.can_open = false;
  fixture.signer.reset();
  fixture.turn();
  fixture.sign("ci");
  fixture.world.advance(4999ms);
  assert_string_equal(fixture.all_answers().c_str(), "");
  fixture.world.advance(1ms);
  assert_string_equal(fixture.all_answers().c_str(), "SECRET_UNAVAILABLE");
}

TEST(Client, a_cancelled_call_is_not_sent_to_the_next_signer) {
  fixture.signer.reset();
  fixture.turn();
  fixture.sign("ci");
  fixture.operations.clear();
  fixture.world.advance(250ms);
  assert_string_equal(fixture.received().c_str(), "");
}

TEST(Client, a_signer_that_does_not_answer_for_five_seconds_is_let_go) {
  fixture.sign("ci");
  fixture.world.advance(5s);
  assert_false(fixture.client.is_connected());
  assert_string_equal(fixture.all_answers().c_str(), "SECRET_UNAVAILABLE");
}

TEST(Client, a_call_made_when_another_fails_is_kept_for_the_next_signer) {
  OperationPtr failing = fixture.client.sign_app_jwt(
      {.app = "first"}, [&](const Result<AppJwt>&) { fixture.sign("second"); });
  fixture.signer.reset();
  fixture.turn();
  fixture.world.advance(250ms);
  fixture.reply_jwt("2");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "2");
}

TEST(Client, an_answer_that_is_no_json_ends_the_connection) {
  fixture.sign("ci");
  fixture.reply("garbage");
  fixture.turn();
  assert_false(fixture.client.is_connected());
}

TEST(Client, an_answer_to_nothing_ends_the_connection) {
  fixture.reply_jwt("1");
  fixture.turn();
  assert_false(fixture.client.is_connected());
}

TEST(Client, an_answer_without_a_jwt_is_an_error) {
  fixture.sign("ci");
  fixture.reply(R"({"parameters":{}})");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "INVALID_ARGUMENT");
}

TEST(Client, an_order_says_what_differs_from_the_usual) {
  const JwtOrder order{"ci", 1200s, "SHA256:x", Issuer::app_id};
  fixture.operations.push_back(fixture.client.sign_app_jwt(order, [](const Result<AppJwt>&) {}));
  const std::string expected =
      R"({"method":"io.tokman.Signer.SignAppJwt","parameters":{"app":"ci","clock_offset_s":1200,)"
      R"("key_fingerprint":"SHA256:x","issuer":"app_id"}})";
  assert_string_equal(fixture.received().c_str(), expected.c_str());
}

TEST(Client, a_webhooks_body_goes_with_the_call) {
  std::string told;
  fixture.verify(told);
  char byte = 0;
  assert_int_equal(::pread(fixture.received_body().get(), &byte, 1, 0), 1);
  assert_int_equal(byte, 'x');
}

TEST(Client, the_verdict_on_a_webhook_is_handed_over) {
  std::string told;
  fixture.verify(told);
  fixture.reply(R"({"parameters":{"valid":true,"secret_index":1}})");
  fixture.turn();
  assert_string_equal(told.c_str(), "valid 1");
}

TEST(Client, a_webhook_that_is_not_valid_has_no_secret) {
  std::string told;
  fixture.verify(told);
  fixture.reply(R"({"parameters":{"valid":false}})");
  fixture.turn();
  assert_string_equal(told.c_str(), "not valid");
}

TEST(Client, a_webhooks_body_waits_for_the_next_signer_with_its_call) {
  std::string told;
  fixture.signer.reset();
  fixture.turn();
  fixture.verify(told);
  fixture.world.advance(250ms);
  assert_true(fixture.received_body().valid());
}

TEST(Client, a_key_that_the_signer_does_not_have_is_told_from_an_unknown_app) {
  fixture.sign("ci");
  fixture.reply(R"({"error":"io.tokman.NotFound",)"
                R"("parameters":{"message":"no key","field":"key_fingerprint"}})");
  fixture.turn();
  assert_string_equal(fixture.all_answers().c_str(), "NOT_FOUND");
}

TEST(Client, a_refresh_tells_which_keys_were_replaced) {
  bool is_replaced = false;
  fixture.operations.push_back(
      fixture.client.refresh([&](const Result<std::vector<SigningAppStatus>>& status) {
        is_replaced = status.value().at(0).keys.at(0).is_replaced;
      }));
  fixture.reply(R"({"parameters":{"apps":[{"name":"ci","keys":[)"
                R"({"fingerprint":"SHA256:x","replaced":true}]}]}})");
  fixture.turn();
  assert_true(is_replaced);
}

TEST(Client, a_reload_says_when_it_is_done) {
  bool done = false;
  fixture.operations.push_back(
      fixture.client.reload([&done](const Result<Done>& reloaded) { done = reloaded.ok(); }));
  fixture.reply(R"({"parameters":{}})");
  fixture.turn();
  assert_true(done);
}

TEST(Client, status_tells_the_state_of_every_key) {
  std::string told;
  fixture.operations.push_back(
      fixture.client.status([&told](const Result<std::vector<SigningAppStatus>>& status) {
        const SigningAppStatus& app = status.value().at(0);
        told = app.name + " " + app.keys.at(0).fingerprint + " " + app.keys.at(1).error;
      }));
  fixture.reply(R"({"parameters":{"apps":[{"name":"ci","keys":[)"
                R"({"fingerprint":"SHA256:x"},{"error":"no file"}]}]}})");
  fixture.turn();
  assert_string_equal(told.c_str(), "ci SHA256:x no file");
}

TEST(Client, a_clients_jwt_is_asked_for_with_what_it_is_to_say) {
  std::string told;
  fixture.operations.push_back(fixture.client.sign_access_jwt(
      {"packit", "J", {"b", "a"}, {{"*", 7}}}, [&told](const Result<SignedAccessJwt>& jwt) {
        told = std::string(jwt.value().jwt.reveal()) + " " +
               std::to_string(jwt.value().expires_at.time_since_epoch().count());
      }));
  const std::string expected =
      R"({"method":"io.tokman.Signer.SignAccessJwt","parameters":{"client_id":"packit","jti":"J",)"
      R"("scopes":["a","b"],"max_priority":{"*":7}}})";
  assert_string_equal(fixture.received().c_str(), expected.c_str());
  fixture.reply(R"({"parameters":{"jwt":"a.b.c","expires_at":1800000600}})");
  fixture.turn();
  assert_string_equal(told.c_str(), "a.b.c 1800000600");
}

TEST(Client, keys_that_verify_are_handed_over) {
  std::string told;
  fixture.operations.push_back(
      fixture.client.verification_keys([&told](const Result<std::vector<VerificationKey>>& keys) {
        for (const VerificationKey& key : keys.value()) told += key.kid + "=" + key.bytes + " ";
      }));
  fixture.reply(R"({"parameters":{"keys":[{"kid":"one","x":"YWJj"},{"kid":"two","x":"ZGVm"}]}})");
  fixture.turn();
  assert_string_equal(told.c_str(), "one=abc two=def ");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Client, a_jwt_is_asked_for_by_the_apps_name),
      RUN(Client, the_jwt_is_handed_over),
      RUN(Client, calls_are_sent_without_waiting_and_answered_in_order),
      RUN(Client, a_cancelled_call_never_calls_back),
      RUN(Client, the_answer_of_a_cancelled_call_is_not_taken_for_the_next_ones),
      RUN(Client, the_signers_error_reaches_the_caller),
      RUN(Client, an_app_that_the_signer_does_not_know_may_be_tried_again),
      RUN(Client, when_the_signer_dies_calls_in_flight_fail),
      RUN(Client, a_signer_that_died_is_started_again_after_a_quarter_of_a_second),
      RUN(Client, jitter_makes_the_pause_shorter_or_longer_by_a_quarter),
      RUN(Client, a_loss_is_logged_with_its_reason),
      RUN(Client, restarts_are_counted),
      RUN(Client, while_it_cannot_be_started_the_pauses_double_up_to_ten_seconds),
      RUN(Client, an_answer_makes_the_next_pause_short_again),
      RUN(Client, a_call_made_meanwhile_is_sent_to_the_next_signer),
      RUN(Client, a_call_that_could_not_be_sent_fails_after_five_seconds),
      RUN(Client, a_cancelled_call_is_not_sent_to_the_next_signer),
      RUN(Client, a_signer_that_does_not_answer_for_five_seconds_is_let_go),
      RUN(Client, a_call_made_when_another_fails_is_kept_for_the_next_signer),
      RUN(Client, an_answer_that_is_no_json_ends_the_connection),
      RUN(Client, an_answer_to_nothing_ends_the_connection),
      RUN(Client, an_answer_without_a_jwt_is_an_error),
      RUN(Client, an_order_says_what_differs_from_the_usual),
      RUN(Client, a_webhooks_body_goes_with_the_call),
      RUN(Client, the_verdict_on_a_webhook_is_handed_over),
      RUN(Client, a_webhook_that_is_not_valid_has_no_secret),
      RUN(Client, a_webhooks_body_waits_for_the_next_signer_with_its_call),
      RUN(Client, a_key_that_the_signer_does_not_have_is_told_from_an_unknown_app),
      RUN(Client, a_refresh_tells_which_keys_were_replaced),
      RUN(Client, a_reload_says_when_it_is_done),
      RUN(Client, status_tells_the_state_of_every_key),
      RUN(Client, a_clients_jwt_is_asked_for_with_what_it_is_to_say),
      RUN(Client, keys_that_verify_are_handed_over),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
