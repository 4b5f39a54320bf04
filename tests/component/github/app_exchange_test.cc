// What a JWT that GitHub refuses calls for: each text of its, and what becomes of the request.
#include "daemon/services/github/app_exchange.h"

#include <cstring>

#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr const char* kUndecodable = "A JSON web token could not be decoded";
constexpr const char* kNoPublicKey = "Integration must generate a public key";
constexpr const char* kIssuer = "'Issuer' claim ('iss') must be an Integer";
constexpr const char* kSkewTexts[] = {
    "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was "
    "issued",
    "'Expiration time' claim ('exp') must be a numeric value representing the future time at which "
    "the assertion expires",
    "'Expiration time' claim ('exp') is too far in the future"};

struct Exchange : GithubFixture {
  // The keys that GitHub has; others it cannot decode. Empty: it takes all.
  std::set<std::string> keys_at_github;

  Exchange() {
    app.client_id = "Iv23li";
    loop.http.answer_all([this](const HttpCall& call) { return answer(call); });
  }

  HttpResponse answer(const HttpCall& call) const {
    const bool is_known =
        keys_at_github.empty() || keys_at_github.contains(loop.signer.key_of(call.authorization));
    return is_known ? minted_answer() : github_refusal(401, kUndecodable);
  }
  static HttpResponse minted_answer() {
    return github_answer(201, R"({"token":"ghs_0123456789012345678901234567890123456",)"
                              R"("expires_at":"2027-01-15T09:00:00Z"})");
  }
  void refuse_once(const std::string& text, const std::string& date = "") {
    loop.http.answer_once(kMint, [=](const HttpCall&) {
      HttpResponse refusal = github_refusal(401, text);
      if (!date.empty()) refusal.headers["date"] = date;
      return refusal;
    });
  }
  void have_keys(const std::vector<std::string>& names) {
    SigningAppStatus status{"ci", {}};
    for (const std::string& name : names) status.keys.push_back({name, "", false});
    loop.signer.apps = {status};
  }
  void learn_keys(const std::vector<std::string>& names) {
    have_keys(names);
    operation = jwts.refresh([](const Result<Done>&) {});
    loop.run();
  }
  int requests() const { return loop.http.count(""); }
  std::chrono::seconds last_offset() const { return loop.signer.orders.back().clock_offset; }
  std::string last_key() const { return loop.signer.orders.back().key_fingerprint; }
  std::string state_of(std::size_t index) {
    return std::string(key_state_name(jwts.keys("ci").keys().at(index).state));
  }
};

// ---- Its time ----------------------------------------------------------------------------------

// FakeClock begins at 2027-01-15T08:00:00Z.
void assert_corrected_once(Exchange& world, const char* text, const char* date, int offset) {
  world.refuse_once(text, date);
  world.mint();
  assert_true(world.minted->ok());
  assert_int_equal(world.requests(), 2);
  assert_int_equal(world.last_offset().count(), offset);
}

TEST(Exchange, a_clock_that_is_fast_is_corrected_for_the_second_attempt) {
  assert_corrected_once(fixture, kSkewTexts[0], "Fri, 15 Jan 2027 07:40:00 GMT", -1200);
}

TEST(Exchange, a_clock_that_is_slow_is_corrected_for_the_second_attempt) {
  assert_corrected_once(fixture, kSkewTexts[1], "Fri, 15 Jan 2027 08:20:00 GMT", 1200);
}

TEST(Exchange, an_end_too_far_in_the_future_is_corrected_for_the_second_attempt) {
  assert_corrected_once(fixture, kSkewTexts[2], "Fri, 15 Jan 2027 07:40:00 GMT", -1200);
}

TEST(Exchange, a_second_refusal_for_its_time_is_final_and_tells_the_offset) {
  for (int i = 0; i < 2; ++i) fixture.refuse_once(kSkewTexts[0], "Fri, 15 Jan 2027 08:20:00 GMT");
  fixture.mint();
  assert_int_equal(fixture.requests(), 2);
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_UPSTREAM_AUTH);
  assert_non_null(std::strstr(fixture.minted->error().message.c_str(), "differs by 1200 s"));
  assert_int_equal(fixture.minted->error().github->status, 401);
}

TEST(Exchange, a_jwt_for_another_clock_than_githubs_is_not_used) {
  fixture.mint();
  HttpResponse later = Exchange::minted_answer();
  later.headers["date"] = "Fri, 15 Jan 2027 08:10:00 GMT";
  for (int i = 0; i < 2; ++i) fixture.time.observe(fixture.app.api_base, later);
  fixture.mint();
  assert_int_equal(fixture.loop.signer.signatures, 2);
  assert_int_equal(fixture.last_offset().count(), 600);
}

// ---- Its key -----------------------------------------------------------------------------------

TEST(Exchange, where_a_key_is_refused_the_next_one_signs) {
  fixture.learn_keys({"a", "b"});
  fixture.keys_at_github = {"b"};
  fixture.mint();
  assert_true(fixture.minted->ok());
  assert_int_equal(fixture.requests(), 2);
}

TEST(Exchange, what_github_said_of_each_key_is_remembered) {
  fixture.learn_keys({"a", "b"});
  fixture.keys_at_github = {"b"};
  fixture.mint();
  assert_string_equal(fixture.state_of(0).c_str(), "refused");
  assert_string_equal(fixture.state_of(1).c_str(), "accepted");
}

TEST(Exchange, the_key_that_github_accepts_signs_from_then_on) {
  fixture.learn_keys({"a", "b"});
  fixture.keys_at_github = {"b"};
  fixture.mint();
  fixture.mint();
  assert_int_equal(fixture.requests(), 3);
  assert_string_equal(fixture.last_key().c_str(), "b");
}

TEST(Exchange, each_key_is_tried_once) {
  fixture.learn_keys({"a", "b", "c"});
  fixture.keys_at_github = {"none of them"};
  fixture.mint();
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_UPSTREAM_AUTH);
  assert_int_equal(fixture.requests(), 3);
}

TEST(Exchange, a_key_that_was_refused_is_tried_again_where_there_is_no_other) {
  fixture.learn_keys({"a", "b"});
  fixture.keys_at_github = {"none of them"};
  fixture.mint();
  fixture.keys_at_github = {"b"};
  fixture.mint();
  assert_true(fixture.minted->ok());
}

TEST(Exchange, a_key_that_lies_ready_is_found_when_github_forgot_the_old_one) {
  fixture.learn_keys({"old"});
  fixture.mint();
  fixture.have_keys({"new", "old"});
  fixture.keys_at_github = {"new"};
  fixture.mint();
  assert_true(fixture.minted->ok());
  assert_string_equal(fixture.last_key().c_str(), "new");
}

TEST(Exchange, a_new_key_is_not_used_while_another_is_accepted) {
  fixture.learn_keys({"old"});
  fixture.mint();
  fixture.learn_keys({"new", "old"});
  fixture.loop.advance(5min);
  fixture.mint();
  assert_string_equal(fixture.last_key().c_str(), "old");
}

TEST(Exchange, a_key_that_the_signer_lost_costs_no_request) {
  fixture.learn_keys({"lost", "kept"});
  fixture.have_keys({"kept"});
  fixture.mint();
  assert_true(fixture.minted->ok());
  assert_int_equal(fixture.requests(), 1);
}

// ---- A new key that GitHub does not know yet ---------------------------------------------------

TEST(Exchange, a_key_that_github_does_not_know_yet_is_waited_for) {
  for (int i = 0; i < 3; ++i) fixture.refuse_once(kNoPublicKey);
  fixture.mint();
  assert_int_equal(fixture.callbacks, 0);
  for (const auto pause : {1s, 2s, 4s}) {
    const int before = fixture.requests();
    fixture.loop.advance(pause - 1ms);
    assert_int_equal(fixture.requests(), before);
    fixture.loop.advance(1ms);
  }
  assert_true(fixture.minted->ok());
}

TEST(Exchange, after_three_pauses_the_refusal_is_final) {
  for (int i = 0; i < 4; ++i) fixture.refuse_once(kNoPublicKey);
  fixture.mint();
  fixture.loop.advance(1min);
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_UPSTREAM_AUTH);
  assert_int_equal(fixture.requests(), 4);
}

TEST(Exchange, meanwhile_another_key_signs) {
  fixture.learn_keys({"a", "b"});
  fixture.refuse_once(kNoPublicKey);
  fixture.mint();
  assert_true(fixture.minted->ok());
  assert_string_equal(fixture.last_key().c_str(), "b");
  assert_string_equal(fixture.state_of(0).c_str(), "untried");
}

TEST(Exchange, one_cancelled_while_it_waits_never_calls_back) {
  fixture.refuse_once(kNoPublicKey);
  fixture.mint();
  fixture.operation.reset();
  fixture.loop.advance(1min);
  assert_int_equal(fixture.callbacks, 0);
}

// ---- Its issuer --------------------------------------------------------------------------------

TEST(Exchange, a_server_that_takes_no_client_id_is_given_the_app_id) {
  fixture.refuse_once(kIssuer);
  fixture.mint();
  assert_true(fixture.minted->ok());
  assert_true(fixture.loop.signer.orders.back().issuer == Issuer::app_id);
}

TEST(Exchange, that_is_remembered) {
  fixture.refuse_once(kIssuer);
  fixture.mint();
  fixture.loop.advance(5min);
  fixture.mint();
  assert_int_equal(fixture.requests(), 3);
  assert_true(fixture.loop.signer.orders.back().issuer == Issuer::app_id);
}

TEST(Exchange, without_an_app_id_it_is_an_error) {
  fixture.app.app_id = 0;
  fixture.refuse_once(kIssuer);
  fixture.mint();
  assert_int_equal(fixture.minted->error().code, TOKMAN_E_UPSTREAM_AUTH);
  assert_int_equal(fixture.requests(), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Exchange, a_clock_that_is_fast_is_corrected_for_the_second_attempt),
      RUN(Exchange, a_clock_that_is_slow_is_corrected_for_the_second_attempt),
      RUN(Exchange, an_end_too_far_in_the_future_is_corrected_for_the_second_attempt),
      RUN(Exchange, a_second_refusal_for_its_time_is_final_and_tells_the_offset),
      RUN(Exchange, a_jwt_for_another_clock_than_githubs_is_not_used),
      RUN(Exchange, where_a_key_is_refused_the_next_one_signs),
      RUN(Exchange, what_github_said_of_each_key_is_remembered),
      RUN(Exchange, the_key_that_github_accepts_signs_from_then_on),
      RUN(Exchange, each_key_is_tried_once),
      RUN(Exchange, a_key_that_was_refused_is_tried_again_where_there_is_no_other),
      RUN(Exchange, a_key_that_lies_ready_is_found_when_github_forgot_the_old_one),
      RUN(Exchange, a_new_key_is_not_used_while_another_is_accepted),
      RUN(Exchange, a_key_that_the_signer_lost_costs_no_request),
      RUN(Exchange, a_key_that_github_does_not_know_yet_is_waited_for),
      RUN(Exchange, after_three_pauses_the_refusal_is_final),
      RUN(Exchange, meanwhile_another_key_signs),
      RUN(Exchange, one_cancelled_while_it_waits_never_calls_back),
      RUN(Exchange, a_server_that_takes_no_client_id_is_given_the_app_id),
      RUN(Exchange, that_is_remembered),
      RUN(Exchange, without_an_app_id_it_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
