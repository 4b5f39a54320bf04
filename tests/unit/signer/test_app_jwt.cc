#include "daemon/signer/app_jwt.h"

#include "libtokman/base/encoding.h"
#include "libtokman/base/text.h"
#include "libtokman/json/value.h"
#include "tests/unit/signer/generated_key.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

constexpr std::int64_t kNow = 1'800'000'000;

const GeneratedKey& generated_key() {
  static const GeneratedKey key;
  return key;
}

struct Jwt {
  std::string text;
  std::int64_t expires_at = 0;
  std::vector<std::string_view> parts;
  json::Value header, claims;

  Jwt() {
    const RsaKey key = RsaKey::load(SecretBytes(generated_key().pkcs1())).value();
    const auto jwt = sign_app_jwt("12345", key, UnixTime(std::chrono::seconds(kNow))).value();
    text = jwt.text.reveal();
    expires_at = jwt.expires_at.time_since_epoch().count();
    parts = split(text, '.');
    assert_int_equal(parts.size(), 3);
    header = json::parse(from_base64url(parts[0]).value(), 4).value();
    claims = json::parse(from_base64url(parts[1]).value(), 4).value();
  }
};

TEST(Jwt, the_signature_verifies_with_the_public_key) {
  const std::string signed_text(fixture.parts[0].data(),
                                fixture.parts[0].size() + 1 + fixture.parts[1].size());
  const std::string signature = from_base64url(fixture.parts[2]).value();
  assert_true(generated_key().has_signed(signed_text, signature));
}

TEST(Jwt, the_header_says_rs256) {
  assert_string_equal(fixture.header.dump().c_str(), R"({"alg":"RS256","typ":"JWT"})");
}

TEST(Jwt, it_was_issued_a_minute_ago) {
  assert_int_equal(fixture.claims.find("iat").as_int().value(), kNow - 60);
}

TEST(Jwt, it_ends_in_five_minutes) {
  assert_int_equal(fixture.claims.find("exp").as_int().value(), kNow + 300);
}

TEST(Jwt, the_end_told_is_the_end_signed) {
  assert_int_equal(fixture.claims.find("exp").as_int().value(), fixture.expires_at);
}

TEST(Jwt, the_issuer_is_text) { assert_true(fixture.claims.find("iss").as_text() == "12345"); }

TEST(Jwt, nothing_else_is_claimed) { assert_int_equal(fixture.claims.members().size(), 3); }

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Jwt, the_signature_verifies_with_the_public_key),
      RUN(Jwt, the_header_says_rs256),
      RUN(Jwt, it_was_issued_a_minute_ago),
      RUN(Jwt, it_ends_in_five_minutes),
      RUN(Jwt, the_end_told_is_the_end_signed),
      RUN(Jwt, the_issuer_is_text),
      RUN(Jwt, nothing_else_is_claimed),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
