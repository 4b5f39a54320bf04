// What is taken for a JWT of a client at all. TF-4, TF-6: each mistake has an answer of its own.
#include "daemon/services/access/access_jwt.h"

#include "libtokman/base/encoding.h"
#include "libtokman/json/value.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr const char* kHeader = R"({"alg":"EdDSA","typ":"JWT","kid":"K"})";

struct Jwts {
  json::Value claims = json::Value::object()
                           .set("iss", "tokman")
                           .set("sub", "packit")
                           .set("client_id", "packit")
                           .set("iat", 1'800'000'000)
                           .set("exp", 1'800'000'600)
                           .set("jti", "J")
                           .set("scope", "a b")
                           .set("max_priority", json::Value::object().set("*", 7));

  static std::string join(std::string_view header, std::string_view body,
                          std::string_view signature = "sig") {
    return base64url(header) + "." + base64url(body) + "." + base64url(signature);
  }
  static std::string refusal_of(const std::string& text) {
    const Result<ParsedJwt> parsed = parse_access_jwt(text);
    if (parsed.ok()) return "accepted";
    assert_int_equal(parsed.error().code, TOKMAN_E_UNAUTHENTICATED);
    return parsed.error().message;
  }
  std::string text() const { return join(kHeader, claims.dump()); }
  std::string refusal_with(std::string_view name, json::Value value) {
    json::Value changed = json::Value::object();
    for (const auto& [key, member] : claims.members()) changed.set(key, member);
    if (value.exists()) {
      changed.set(name, std::move(value));
    } else {
      changed = json::Value::object();
      for (const auto& [key, member] : claims.members()) {
        if (key != name) changed.set(key, member);
      }
    }
    return refusal_of(join(kHeader, changed.dump()));
  }
};

void assert_says(const std::string& refusal, std::string_view words) {
  if (refusal.find(words) == std::string::npos) print_error("refusal: %s\n", refusal.c_str());
  assert_true(refusal.find(words) != std::string::npos);
}

// TF-1: what is stored stands in the JWT.
TEST(Jwts, a_jwt_is_read) {
  const Result<ParsedJwt> parsed = parse_access_jwt(fixture.text());
  assert_true(parsed.ok());
  const ParsedJwt& jwt = parsed.value();
  assert_string_equal(jwt.kid.c_str(), "K");
  assert_string_equal(jwt.signature.c_str(), "sig");
  assert_true(fixture.text().starts_with(jwt.signed_text + "."));
  const JwtClaims& claims = jwt.claims;
  assert_true((claims == JwtClaims{"tokman",
                                   "packit",
                                   "J",
                                   UnixTime(std::chrono::seconds(1'800'000'000)),
                                   UnixTime(std::chrono::seconds(1'800'000'600)),
                                   {"a", "b"},
                                   {{"*", 7}}}));
}

TEST(Jwts, one_without_scopes_is_read) {
  fixture.claims.set("scope", "");
  assert_true(parse_access_jwt(fixture.text()).value().claims.scopes.empty());
}

TEST(Jwts, every_claim_must_be_there) {
  for (const auto& [name, value] : fixture.claims.members()) {
    assert_says(fixture.refusal_with(name, json::Value()),
                "'" + std::string(name) + "' is missing");
  }
}

// TF-19
TEST(Jwts, every_claim_must_be_of_its_kind) {
  for (const auto& [name, value] : fixture.claims.members()) {
    const bool is_object = value.is_object();
    assert_says(
        fixture.refusal_with(name, is_object ? json::Value::of("x") : json::Value::object()),
        "'" + std::string(name) + "' must be ");
    assert_says(fixture.refusal_with(name, json::Value::of(true)), "must be ");
  }
}

TEST(Jwts, a_claim_that_is_not_known_is_refused) {
  assert_says(fixture.refusal_with("role", json::Value::of("admin")), "'role' is not known");
}

TEST(Jwts, the_subject_is_the_client) {
  assert_says(fixture.refusal_with("sub", json::Value::of("other")), "a subject that is not");
  assert_says(fixture.refusal_with("client_id", json::Value::of("A b")), "names no client");
}

TEST(Jwts, times_are_ones_that_can_be_meant) {
  assert_says(fixture.refusal_with("exp", json::Value::of(INT64_MAX)), "a time that is none");
  assert_says(fixture.refusal_with("iat", json::Value::of(-1)), "a time that is none");
}

TEST(Jwts, scopes_are_separated_by_single_spaces) {
  for (const char* scopes : {" a", "a ", "a  b", " "}) {
    assert_says(fixture.refusal_with("scope", json::Value::of(scopes)), "a list of scopes");
  }
}

TEST(Jwts, only_eddsa_is_taken) {
  const std::string body = fixture.claims.dump();
  for (const char* header :
       {R"({"alg":"none","typ":"JWT","kid":"K"})", R"({"alg":"HS256","typ":"JWT","kid":"K"})",
        R"({"alg":"EdDSA","typ":"JWE","kid":"K"})"}) {
    assert_says(Jwts::refusal_of(Jwts::join(header, body)), "not signed with EdDSA");
  }
}

TEST(Jwts, the_header_has_just_its_three_members) {
  const std::string body = fixture.claims.dump();
  assert_says(Jwts::refusal_of(Jwts::join(R"({"alg":"EdDSA","typ":"JWT"})", body)),
              "'kid' is missing");
  assert_says(
      Jwts::refusal_of(Jwts::join(R"({"alg":"EdDSA","typ":"JWT","kid":"K","jwk":{}})", body)),
      "'jwk' is not known");
  assert_says(Jwts::refusal_of(Jwts::join("[]", body)), "a header that is no JSON object");
}

TEST(Jwts, there_are_three_parts_in_base64url) {
  const std::string good = fixture.text();
  for (const std::string& text :
       {std::string(), std::string("a.b"), good + ".x", std::string("x")}) {
    assert_says(Jwts::refusal_of(text), "three parts");
  }
  assert_says(Jwts::refusal_of("!" + good), "a header that is not base64url");
  assert_says(Jwts::refusal_of(good + "="), "a signature that is not base64url");
  assert_says(Jwts::refusal_of(good + "\n"), "a signature that is not base64url");
  const std::size_t dot = good.find('.');
  assert_says(Jwts::refusal_of(good.substr(0, dot + 1) + "*" + good.substr(dot + 1)),
              "a body that is not base64url");
}

TEST(Jwts, one_name_twice_is_no_json) {
  const std::string body = R"({"iss":"a",)" + fixture.claims.dump().substr(1);
  assert_says(Jwts::refusal_of(Jwts::join(kHeader, body)), "a body that is no JSON object");
}

TEST(Jwts, four_kibibytes_are_the_limit) {
  const std::string text = fixture.text();
  assert_says(Jwts::refusal_of(text + std::string(kAccessJwtBytesMax + 1 - text.size(), 'A')),
              "longer than 4096");
}

TEST(Jwts, no_refusal_repeats_what_was_in_the_jwt) {
  fixture.claims.set("exp", "PLANTED");
  assert_true(Jwts::refusal_of(fixture.text()).find("PLANTED") == std::string::npos);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Jwts, a_jwt_is_read),
      RUN(Jwts, one_without_scopes_is_read),
      RUN(Jwts, every_claim_must_be_there),
      RUN(Jwts, every_claim_must_be_of_its_kind),
      RUN(Jwts, a_claim_that_is_not_known_is_refused),
      RUN(Jwts, the_subject_is_the_client),
      RUN(Jwts, times_are_ones_that_can_be_meant),
      RUN(Jwts, scopes_are_separated_by_single_spaces),
      RUN(Jwts, only_eddsa_is_taken),
      RUN(Jwts, the_header_has_just_its_three_members),
      RUN(Jwts, there_are_three_parts_in_base64url),
      RUN(Jwts, one_name_twice_is_no_json),
      RUN(Jwts, four_kibibytes_are_the_limit),
      RUN(Jwts, no_refusal_repeats_what_was_in_the_jwt),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
