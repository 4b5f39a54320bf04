// How often the signer is asked for an app's JWT.
#include "daemon/services/github/app_jwts.h"

#include "tests/support/cmocka_cpp.h"
#include "tests/support/test_loop.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct JwtsFixture {
  TestLoop loop;
  std::unique_ptr<AppJwts> jwts = std::make_unique<AppJwts>(loop.signer, loop.clock, loop.timers);
  std::vector<OperationPtr> operations;
  int told_done = 0;
  std::vector<tokman_error> told_errors;

  void start(const std::string& app = "ci") {
    operations.push_back(jwts->sign({.app = app}, [this](const AppJwts::Signed& result) {
      result.ok() ? static_cast<void>(++told_done) : told_errors.push_back(result.error().code);
    }));
  }
  void sign(const std::string& app = "ci") {
    start(app);
    loop.run();
  }
  std::string find(const std::string& app = "ci") const { return find_for({.app = app}); }
  std::string find_for(const JwtOrder& order) const {
    const auto found = jwts->find(order);
    return found ? std::string(found->jwt) : "none";
  }
};

TEST(JwtsFixture, at_first_there_is_none) { assert_string_equal(fixture.find().c_str(), "none"); }

TEST(JwtsFixture, a_signed_jwt_is_found) {
  fixture.sign();
  assert_int_equal(fixture.told_done, 1);
  assert_string_equal(fixture.find().c_str(), "PLANTED-JWT-ci-1");
}

TEST(JwtsFixture, nobody_is_called_before_the_signer_has_answered) {
  fixture.start();
  assert_int_equal(fixture.told_done, 0);
}

TEST(JwtsFixture, many_who_ask_at_once_cost_one_signature) {
  for (int i = 0; i < 100; ++i) fixture.start();
  fixture.loop.run();
  assert_int_equal(fixture.loop.signer.signatures, 1);
  assert_int_equal(fixture.told_done, 100);
}

TEST(JwtsFixture, each_app_has_its_own) {
  fixture.sign("ci");
  fixture.sign("cd");
  assert_string_equal(fixture.find("cd").c_str(), "PLANTED-JWT-cd-2");
}

TEST(JwtsFixture, it_is_kept_for_just_under_four_minutes) {
  fixture.sign();
  fixture.loop.advance(4min - 1ms);
  assert_string_equal(fixture.find().c_str(), "PLANTED-JWT-ci-1");
}

TEST(JwtsFixture, after_four_minutes_it_is_gone) {
  fixture.sign();
  fixture.loop.advance(4min);
  assert_string_equal(fixture.find().c_str(), "none");
}

TEST(JwtsFixture, a_new_one_takes_the_place_of_the_old_one) {
  fixture.sign();
  fixture.sign();
  assert_string_equal(fixture.find().c_str(), "PLANTED-JWT-ci-2");
}

TEST(JwtsFixture, one_that_is_forgotten_is_not_found) {
  fixture.sign();
  fixture.jwts->forget({.app = "ci"});
  assert_string_equal(fixture.find().c_str(), "none");
}

TEST(JwtsFixture, forgetting_one_apps_keeps_the_others) {
  fixture.sign("ci");
  fixture.sign("cd");
  fixture.jwts->forget({.app = "ci"});
  assert_string_equal(fixture.find("cd").c_str(), "PLANTED-JWT-cd-2");
}

TEST(JwtsFixture, all_can_be_forgotten) {
  fixture.sign("ci");
  fixture.sign("cd");
  fixture.jwts->forget_all();
  assert_string_equal(fixture.find("ci").c_str(), "none");
  assert_string_equal(fixture.find("cd").c_str(), "none");
}

TEST(JwtsFixture, all_who_wait_are_told_that_signing_failed) {
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer is gone"};
  fixture.start();
  fixture.sign();
  assert_true(fixture.told_errors ==
              (std::vector{TOKMAN_E_SECRET_UNAVAILABLE, TOKMAN_E_SECRET_UNAVAILABLE}));
}

TEST(JwtsFixture, a_failure_leaves_the_jwt_that_is_there) {
  fixture.sign();
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer is gone"};
  fixture.sign();
  assert_string_equal(fixture.find().c_str(), "PLANTED-JWT-ci-1");
}

TEST(JwtsFixture, after_a_failure_the_signer_is_asked_again) {
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer is gone"};
  fixture.sign();
  fixture.loop.signer.failure.reset();
  fixture.sign();
  assert_int_equal(fixture.told_done, 1);
}

TEST(JwtsFixture, one_who_leaves_disturbs_no_other) {
  fixture.start();
  fixture.start();
  fixture.operations.front().reset();
  fixture.loop.run();
  assert_int_equal(fixture.told_done, 1);
}

TEST(JwtsFixture, nobody_is_called_once_all_is_destroyed) {
  fixture.start();
  fixture.jwts.reset();
  fixture.loop.run();
  assert_int_equal(fixture.told_done, 0);
}

TEST(JwtsFixture, the_key_that_signs_is_named) {
  fixture.loop.signer.apps = {{"ci", {{"SHA256:a", "", false}, {"SHA256:b", "", false}}}};
  fixture.operations.push_back(fixture.jwts->refresh([](const Result<Done>&) {}));
  fixture.loop.run();
  fixture.jwts->keys("ci").refuse("SHA256:a", "no");
  assert_string_equal(fixture.jwts->key_fingerprint("ci").c_str(), "SHA256:b");
}

TEST(JwtsFixture, many_who_ask_for_the_keys_at_once_cost_one_look) {
  for (int i = 0; i < 10; ++i) {
    fixture.operations.push_back(fixture.jwts->refresh([](const Result<Done>&) {}));
  }
  fixture.loop.run();
  assert_int_equal(fixture.loop.signer.refreshes, 1);
}

TEST(JwtsFixture, one_that_was_made_for_another_clock_is_not_found) {
  fixture.sign();
  assert_string_equal(fixture.find_for({.app = "ci", .clock_offset = 30s}).c_str(),
                      "PLANTED-JWT-ci-1");
  assert_string_equal(fixture.find_for({.app = "ci", .clock_offset = 31s}).c_str(), "none");
  assert_string_equal(fixture.find_for({.app = "ci", .clock_offset = -31s}).c_str(), "none");
}

TEST(JwtsFixture, one_with_another_issuer_is_not_found) {
  fixture.sign();
  assert_string_equal(fixture.find_for({.app = "ci", .issuer = Issuer::app_id}).c_str(), "none");
}

TEST(JwtsFixture, each_key_has_its_own) {
  fixture.sign();
  assert_string_equal(fixture.find_for({.app = "ci", .key_fingerprint = "b"}).c_str(), "none");
}

TEST(JwtsFixture, after_a_reload_the_client_id_is_tried_again) {
  fixture.jwts->use_app_id("ci");
  assert_true(fixture.jwts->next_order("ci", 0s)->issuer == Issuer::app_id);
  fixture.jwts->forget_all();
  assert_true(fixture.jwts->next_order("ci", 0s)->issuer == Issuer::preferred);
}

TEST(JwtsFixture, before_the_keys_are_known_none_is_named) {
  assert_string_equal(fixture.jwts->key_fingerprint("ci").c_str(), "");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(JwtsFixture, at_first_there_is_none),
      RUN(JwtsFixture, a_signed_jwt_is_found),
      RUN(JwtsFixture, nobody_is_called_before_the_signer_has_answered),
      RUN(JwtsFixture, many_who_ask_at_once_cost_one_signature),
      RUN(JwtsFixture, each_app_has_its_own),
      RUN(JwtsFixture, it_is_kept_for_just_under_four_minutes),
      RUN(JwtsFixture, after_four_minutes_it_is_gone),
      RUN(JwtsFixture, a_new_one_takes_the_place_of_the_old_one),
      RUN(JwtsFixture, one_that_is_forgotten_is_not_found),
      RUN(JwtsFixture, forgetting_one_apps_keeps_the_others),
      RUN(JwtsFixture, all_can_be_forgotten),
      RUN(JwtsFixture, all_who_wait_are_told_that_signing_failed),
      RUN(JwtsFixture, a_failure_leaves_the_jwt_that_is_there),
      RUN(JwtsFixture, after_a_failure_the_signer_is_asked_again),
      RUN(JwtsFixture, one_who_leaves_disturbs_no_other),
      RUN(JwtsFixture, nobody_is_called_once_all_is_destroyed),
      RUN(JwtsFixture, the_key_that_signs_is_named),
      RUN(JwtsFixture, many_who_ask_for_the_keys_at_once_cost_one_look),
      RUN(JwtsFixture, one_that_was_made_for_another_clock_is_not_found),
      RUN(JwtsFixture, one_with_another_issuer_is_not_found),
      RUN(JwtsFixture, each_key_has_its_own),
      RUN(JwtsFixture, after_a_reload_the_client_id_is_tried_again),
      RUN(JwtsFixture, before_the_keys_are_known_none_is_named),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
