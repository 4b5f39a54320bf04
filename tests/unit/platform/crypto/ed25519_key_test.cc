#include "daemon/platform/crypto/ed25519_key.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

// RFC 8032 7.1, test 2, in PKCS#8. The message is one byte, "r".
constexpr std::string_view kPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kPublicKey =
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
constexpr std::string_view kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

struct Keys {
  Result<Ed25519Key> key = Ed25519Key::load(SecretBytes(kPem));

  static std::string refusal(std::string_view pem) {
    const Result<Ed25519Key> loaded = Ed25519Key::load(SecretBytes(pem));
    return loaded.ok() ? "was accepted" : loaded.error().message;
  }
};

TEST(Keys, a_signature_agrees_with_rfc_8032_7_1) {
  assert_true(hex(fixture.key.value().public_key()) == kPublicKey);
  assert_true(hex(fixture.key.value().sign("r").value()) == kSignature);
}

TEST(Keys, only_what_was_signed_is_verified) {
  const Ed25519Key& key = fixture.key.value();
  const std::string signature = key.sign("text").value();
  assert_true(ed25519_signed(key.public_key(), "text", signature));
  assert_false(ed25519_signed(key.public_key(), "texT", signature));
  assert_false(ed25519_signed(key.public_key(), "text", signature.substr(1)));
  assert_false(ed25519_signed(key.public_key(), "text", ""));
  assert_false(ed25519_signed("short", "text", signature));
}

TEST(Keys, a_new_key_is_another_each_time) {
  const Result<Ed25519Key> one = Ed25519Key::generate(), two = Ed25519Key::generate();
  assert_true(one.value().public_key() != two.value().public_key());
  assert_true(ed25519_signed(one.value().public_key(), "text", one.value().sign("text").value()));
  assert_false(ed25519_signed(two.value().public_key(), "text", one.value().sign("text").value()));
}

TEST(Keys, what_is_no_such_key_is_refused_by_what_it_is) {
  const std::string elliptic =
      "-----BEGIN PRIVATE KEY-----\n"
      "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMs5NPzteq119eWHg\n"
      "tj5ugL6PH4Sgkr31BxsehqiEyN2hRANCAATk3JLcO7uMV0/gBGsUPHIvHhy0bcun\n"
      "qK8R5FVvc8coEQ9PWIuB3f6gCsM6ElaTOckurfNaeiHtsj4WJLM/osv6\n"
      "-----END PRIVATE KEY-----\n";
  assert_string_equal(Keys::refusal(elliptic).c_str(), "is a key of type EC, not ED25519");
  assert_true(Keys::refusal("-----BEGIN RSA PRIVATE KEY-----\n").starts_with("holds 'RSA"));
  assert_true(Keys::refusal("none").starts_with("is not a PEM file"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Keys, a_signature_agrees_with_rfc_8032_7_1),
      RUN(Keys, only_what_was_signed_is_verified),
      RUN(Keys, a_new_key_is_another_each_time),
      RUN(Keys, what_is_no_such_key_is_refused_by_what_it_is),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
