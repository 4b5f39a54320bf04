#include "daemon/platform/crypto/rsa_key.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <regex>
#include <string>

#include "libtokman/base/encoding.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/platform/crypto/rfc7515_key.h"

namespace tokman {
namespace {

using KeyPtr = OpenSslPtr<EVP_PKEY>;

struct Keys {
  static Result<RsaKey> load(std::string_view pem) { return RsaKey::load(SecretBytes(pem)); }

  static std::string refusal(std::string_view pem) {
    const Result<RsaKey> key = load(pem);
    return key.ok() ? "was accepted" : key.error().message;
  }

  template <class Write>
  static std::string written(Write write) {
    const OpenSslPtr<BIO> bio(BIO_new(BIO_s_mem()));
    write(bio.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
  }
  static std::string pkcs8(const KeyPtr& key, const char* password = nullptr) {
    return written([&](BIO* bio) {
      PEM_write_bio_PKCS8PrivateKey(bio, key.get(), password ? EVP_aes_256_cbc() : nullptr, nullptr,
                                    0, nullptr, const_cast<char*>(password));
    });
  }
  static std::string traditional(const KeyPtr& key, const char* password = nullptr) {
    return written([&](BIO* bio) {
      PEM_write_bio_PrivateKey_traditional(bio, key.get(), password ? EVP_aes_256_cbc() : nullptr,
                                           nullptr, 0, nullptr, const_cast<char*>(password));
    });
  }
  static std::string public_half(const KeyPtr& key) {
    return written([&](BIO* bio) { PEM_write_bio_PUBKEY(bio, key.get()); });
  }

  KeyPtr rsa() { return KeyPtr(EVP_RSA_gen(2048)); }
  KeyPtr elliptic() { return KeyPtr(EVP_EC_gen("P-256")); }
};

void assert_refused(std::string_view pem, std::string_view because) {
  const std::string refusal = Keys::refusal(pem);
  if (refusal.find(because) == std::string::npos) print_error("refusal: %s\n", refusal.c_str());
  assert_true(refusal.find(because) != std::string::npos);
}

TEST(Keys, a_signature_agrees_with_rfc_7515_a_2) {
  const Result<RsaKey> key = Keys::load(rfc7515::kPkcs1);
  assert_true(key.ok());
  const Result<std::string> signature = key.value().sign_rs256(rfc7515::kText);
  assert_true(signature.ok());
  assert_string_equal(base64url(signature.value()).c_str(), rfc7515::kSignature);
}

TEST(Keys, the_fingerprint_is_the_one_github_shows) {
  assert_string_equal(Keys::load(rfc7515::kPkcs1).value().fingerprint().c_str(),
                      rfc7515::kFingerprint);
}

TEST(Keys, pkcs8_is_the_same_key) {
  const Result<RsaKey> key = Keys::load(rfc7515::kPkcs8);
  assert_true(key.ok());
  assert_string_equal(key.value().fingerprint().c_str(), rfc7515::kFingerprint);
}

TEST(Keys, line_ends_of_windows_do_not_matter) {
  for (const char* pem : {rfc7515::kPkcs1, rfc7515::kPkcs8}) {
    assert_true(Keys::load(std::regex_replace(pem, std::regex("\n"), "\r\n")).ok());
  }
}

TEST(Keys, blank_lines_around_it_do_not_matter) {
  assert_true(Keys::load("\n  \r\n" + std::string(rfc7515::kPkcs1) + "\r\n\n \n").ok());
}

TEST(Keys, a_missing_last_newline_does_not_matter) {
  std::string pem = rfc7515::kPkcs1;
  pem.pop_back();
  assert_true(Keys::load(pem).ok());
}

TEST(Keys, an_encrypted_key_is_refused_as_such_and_no_password_is_asked_for) {
  const KeyPtr key = fixture.rsa();
  assert_refused(Keys::pkcs8(key, "secret"), "is encrypted");
  assert_refused(Keys::traditional(key, "secret"), "is encrypted");
}

TEST(Keys, a_key_of_another_kind_is_refused_by_name) {
  const KeyPtr key = fixture.elliptic();
  assert_refused(Keys::pkcs8(key), "is a key of type EC, not RSA");
  assert_refused(Keys::traditional(key), "holds 'EC PRIVATE KEY'");
}

TEST(Keys, a_public_key_is_refused_as_such) {
  assert_refused(Keys::public_half(fixture.rsa()), "holds 'PUBLIC KEY'");
}

TEST(Keys, a_short_key_is_refused_with_its_length) {
  assert_refused(Keys::pkcs8(KeyPtr(EVP_RSA_gen(1024))), "is an RSA key of 1024 bits");
}

TEST(Keys, what_is_no_pem_is_refused_as_such) {
  assert_refused("", "is not a PEM file");
  assert_refused("MIIEpAIBAAKCAQEA", "is not a PEM file");
}

TEST(Keys, a_key_cut_short_is_refused_as_damaged) {
  const std::string pem = rfc7515::kPkcs1;
  assert_refused(pem.substr(0, pem.size() / 2), "is damaged");
}

TEST(Keys, a_key_with_a_wrong_byte_is_refused_as_damaged) {
  std::string pem = rfc7515::kPkcs1;
  pem[40] = '!';
  assert_refused(pem, "is damaged");
}

TEST(Keys, a_refusal_is_a_mistake_in_the_configuration) {
  assert_int_equal(Keys::load("x").error().code, TOKMAN_E_CONFIGURATION);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Keys, a_signature_agrees_with_rfc_7515_a_2),
      RUN(Keys, the_fingerprint_is_the_one_github_shows),
      RUN(Keys, pkcs8_is_the_same_key),
      RUN(Keys, line_ends_of_windows_do_not_matter),
      RUN(Keys, blank_lines_around_it_do_not_matter),
      RUN(Keys, a_missing_last_newline_does_not_matter),
      RUN(Keys, an_encrypted_key_is_refused_as_such_and_no_password_is_asked_for),
      RUN(Keys, a_key_of_another_kind_is_refused_by_name),
      RUN(Keys, a_public_key_is_refused_as_such),
      RUN(Keys, a_short_key_is_refused_with_its_length),
      RUN(Keys, what_is_no_pem_is_refused_as_such),
      RUN(Keys, a_key_cut_short_is_refused_as_damaged),
      RUN(Keys, a_key_with_a_wrong_byte_is_refused_as_damaged),
      RUN(Keys, a_refusal_is_a_mistake_in_the_configuration),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
