// Which JWT of a client is good, for how long, and what it is good for.
#include "daemon/services/access/client_jwts.h"

#include "tests/component/access/client_world.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct Jwts : ClientWorld {
  JwtClaims claims{.issuer = "tokman",
                   .client_id = "packit",
                   .jti = "J",
                   .issued_at = now(),
                   .expires_at = now() + 600s,
                   .scopes = {"github:token", "user:token"},
                   .max_priority = {{"*", 7}}};

  Jwts() {
    Client packit{.id = "packit"};
    packit.scopes = {"admin:client", "github:token", "user:token"};
    packit.max_priority = {{"ci", 200}};
    packit.bind_uids = {1000};
    put(packit);
    write([&](WriteTxn& txn) { (void)table.add_login(txn, "packit", "J", now() + 605s); });
  }

  template <class Change>
  void change(Change change) {
    Client changed = client();
    change(changed);
    put(changed);
  }
  SecretBytes jwt() const { return loop.signer.sign_access_jwt(claims); }
  tokman_error code() {
    const Result<ClientLogin> login = verify(jwt());
    return login.ok() ? TOKMAN_OK : login.error().code;
  }
  std::string refusal_of(const std::string& text) {
    const Result<ClientLogin> login = verify(SecretBytes(text));
    return login.ok() ? "accepted" : login.error().message;
  }
};

TEST(Jwts, a_good_one_says_who_its_client_is) {
  const Result<ClientLogin> login = fixture.verify(fixture.jwt());
  assert_true(login.ok());
  assert_string_equal(login.value().client_id.c_str(), "packit");
  assert_string_equal(login.value().jti.c_str(), "J");
  assert_true(login.value().expires_at == fixture.now() + 605s);
}

// TF-1: ceilings are those that are stored, whatever stood in the JWT.
TEST(Jwts, what_a_client_may_do_is_what_its_record_says_within_the_jwt) {
  const Result<ClientLogin> login = fixture.verify(fixture.jwt());
  assert_true((login.value().scopes == ScopeNames{"github:token", "user:token"}));
  assert_int_equal(login.value().max_priority.at("ci"), 200);
  assert_int_equal(login.value().max_priority.count("*"), 0);
  assert_true(login.value().bind_uids == std::vector<uid_t>{1000});
}

TEST(Jwts, a_change_of_the_record_counts_at_once) {
  assert_int_equal(fixture.code(), TOKMAN_OK);
  fixture.change([](Client& client) { client.scopes = {"user:token"}; });
  assert_true((fixture.verify(fixture.jwt()).value().scopes == ScopeNames{"user:token"}));
}

// TF-5, X-14: with five seconds for clocks that disagree.
TEST(Jwts, one_is_good_until_five_seconds_after_its_end) {
  fixture.claims.expires_at = fixture.now() - 2s;
  assert_int_equal(fixture.code(), TOKMAN_OK);
  fixture.claims.expires_at = fixture.now() - 4s;
  assert_int_equal(fixture.code(), TOKMAN_OK);
  fixture.claims.expires_at = fixture.now() - 5s;
  assert_int_equal(fixture.code(), TOKMAN_E_TOKEN_EXPIRED);
}

TEST(Jwts, one_is_good_from_five_seconds_before_its_beginning) {
  fixture.claims.issued_at = fixture.now() + 2s;
  assert_int_equal(fixture.code(), TOKMAN_OK);
  fixture.claims.issued_at = fixture.now() + 5s;
  assert_int_equal(fixture.code(), TOKMAN_OK);
  fixture.claims.issued_at = fixture.now() + 6s;
  assert_int_equal(fixture.code(), TOKMAN_E_TOKEN_NOT_YET_VALID);
}

TEST(Jwts, one_that_was_verified_before_expires_all_the_same) {
  const SecretBytes jwt = fixture.jwt();
  assert_true(fixture.verify(jwt).ok());
  fixture.loop.advance(604s);
  assert_true(fixture.jwts.find(jwt)->ok());
  fixture.loop.advance(1s);
  assert_int_equal(fixture.jwts.find(jwt)->error().code, TOKMAN_E_TOKEN_EXPIRED);
}

// TF-6
TEST(Jwts, one_that_another_key_signed_is_refused) {
  const SecretBytes jwt = fixture.jwt();
  fixture.loop.signer.access_keys.configure("elsewhere");
  const AccessKey stranger{Ed25519Key::generate().value(),
                           fixture.loop.signer.access_keys.current().value()->kid};
  const SecretBytes forged = sign_access_jwt(fixture.claims, stranger).value();
  assert_true(fixture.refusal_of(std::string(forged.reveal())).find("not its signer's") !=
              std::string::npos);
  const AccessKey unknown{Ed25519Key::generate().value(), "nobody's"};
  const SecretBytes other = sign_access_jwt(fixture.claims, unknown).value();
  assert_true(fixture.refusal_of(std::string(other.reveal())).find("key that is not known") !=
              std::string::npos);
}

TEST(Jwts, one_that_was_changed_is_refused) {
  std::string text(fixture.jwt().reveal());
  text.back() = text.back() == 'A' ? 'Q' : 'A';
  assert_int_equal(fixture.verify(SecretBytes(text)).error().code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(Jwts, one_of_another_issuer_is_refused) {
  fixture.claims.issuer = "somebody else";
  assert_true(fixture.refusal_of(std::string(fixture.jwt().reveal())).find("another issuer") !=
              std::string::npos);
}

// TF-18
TEST(Jwts, one_whose_login_was_ended_is_refused_at_once) {
  const SecretBytes jwt = fixture.jwt();
  assert_true(fixture.verify(jwt).ok());
  fixture.write(
      [&](WriteTxn& txn) { (void)fixture.table.end_login(txn, "packit", "J", fixture.now()); });
  fixture.epoch.advance();
  assert_int_equal(fixture.jwts.find(jwt)->error().code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(Jwts, one_of_a_disabled_client_is_refused_at_once) {
  assert_int_equal(fixture.code(), TOKMAN_OK);
  fixture.change([](Client& client) { client.is_disabled = true; });
  assert_int_equal(fixture.code(), TOKMAN_E_UNAUTHENTICATED);
}

TEST(Jwts, one_ends_with_its_client) {
  fixture.change([&](Client& client) { client.expires = fixture.now() + 10s; });
  const SecretBytes jwt = fixture.jwt();
  assert_true(fixture.verify(jwt).value().expires_at == fixture.now() + 10s);
  fixture.loop.advance(9s);
  assert_true(fixture.jwts.find(jwt)->ok());
  fixture.loop.advance(1s);
  assert_int_equal(fixture.jwts.find(jwt)->error().code, TOKMAN_E_UNAUTHENTICATED);
}

TEST(Jwts, one_that_was_not_verified_is_not_found) {
  assert_false(fixture.jwts.find(fixture.jwt()).has_value());
}

TEST(Jwts, keys_are_asked_for_once_a_second_at_most) {
  const AccessKey unknown{Ed25519Key::generate().value(), "nobody's"};
  const SecretBytes jwt = sign_access_jwt(fixture.claims, unknown).value();
  for (int i = 0; i < 10; ++i) assert_false(fixture.verify(jwt).ok());
  assert_int_equal(fixture.loop.signer.key_questions, 1);
  fixture.loop.advance(1s);
  assert_false(fixture.verify(jwt).ok());
  assert_int_equal(fixture.loop.signer.key_questions, 2);
}

TEST(Jwts, one_of_a_new_key_is_good_when_the_keys_were_asked_for_again) {
  assert_int_equal(fixture.code(), TOKMAN_OK);
  fixture.loop.signer.access_keys.configure("elsewhere");
  fixture.loop.signer.access_keys.configure("");
  assert_int_equal(fixture.code(), TOKMAN_E_UNAUTHENTICATED);
  fixture.loop.advance(1s);
  assert_int_equal(fixture.code(), TOKMAN_OK);
}

TEST(Jwts, without_the_signer_an_unknown_key_is_no_verdict) {
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "it is away"};
  assert_int_equal(fixture.code(), TOKMAN_E_SECRET_UNAVAILABLE);
}

TEST(Jwts, who_has_gone_is_not_answered) {
  bool is_answered = false;
  OperationPtr verifying =
      fixture.jwts.verify(fixture.jwt(), [&](const Result<ClientLogin>&) { is_answered = true; });
  verifying.reset();
  fixture.loop.run();
  assert_false(is_answered);
}

TEST(Jwts, verified_ones_are_remembered_up_to_a_bound) {
  const SecretBytes first = fixture.jwt();
  assert_true(fixture.verify(first).ok());
  for (std::size_t i = 0; i < ClientJwts::kKnownMax; ++i) {
    fixture.claims.scopes = {"s" + std::to_string(i)};
    assert_int_equal(fixture.code(), TOKMAN_OK);
  }
  assert_false(fixture.jwts.find(first).has_value());
  assert_true(fixture.verify(first).ok());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Jwts, a_good_one_says_who_its_client_is),
      RUN(Jwts, what_a_client_may_do_is_what_its_record_says_within_the_jwt),
      RUN(Jwts, a_change_of_the_record_counts_at_once),
      RUN(Jwts, one_is_good_until_five_seconds_after_its_end),
      RUN(Jwts, one_is_good_from_five_seconds_before_its_beginning),
      RUN(Jwts, one_that_was_verified_before_expires_all_the_same),
      RUN(Jwts, one_that_another_key_signed_is_refused),
      RUN(Jwts, one_that_was_changed_is_refused),
      RUN(Jwts, one_of_another_issuer_is_refused),
      RUN(Jwts, one_whose_login_was_ended_is_refused_at_once),
      RUN(Jwts, one_of_a_disabled_client_is_refused_at_once),
      RUN(Jwts, one_ends_with_its_client),
      RUN(Jwts, one_that_was_not_verified_is_not_found),
      RUN(Jwts, keys_are_asked_for_once_a_second_at_most),
      RUN(Jwts, one_of_a_new_key_is_good_when_the_keys_were_asked_for_again),
      RUN(Jwts, without_the_signer_an_unknown_key_is_no_verdict),
      RUN(Jwts, who_has_gone_is_not_answered),
      RUN(Jwts, verified_ones_are_remembered_up_to_a_bound),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
