#include "daemon/platform/crypto/digest.h"

#include "libtokman/base/encoding.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Digests {};

// FIPS 180-2, appendix B.1.
constexpr const char* kSha256OfAbc = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";

TEST(Digests, sha256_agrees_with_the_standard) {
  assert_string_equal(base64(sha256("abc")).c_str(), kSha256OfAbc);
}

TEST(Digests, a_token_is_named_by_the_base64_of_its_sha256) {
  assert_string_equal(token_fingerprint("abc").c_str(), kSha256OfAbc);
}

TEST(Digests, hkdf_agrees_with_rfc_5869_a_3) {
  const std::string material(22, '\x0b');
  const Result<SecretBytes> key = hkdf_sha256(material, "", 42);
  assert_true(key.ok());
  assert_string_equal(base64(key.value().reveal()).c_str(),
                      "jaTndaVjwY9xX4AqBjxaMbihH1xe4Yeew0VOXzxzjS2dIBOV+qS2GpbI");
}

TEST(Digests, hkdf_depends_on_what_the_key_is_for) {
  const Result<SecretBytes> key =
      hkdf_sha256("0123456789abcdef0123456789abcdef", "tokman store v1", 32);
  assert_true(key.ok());
  assert_string_equal(base64(key.value().reveal()).c_str(),  // Computed with Python's hmac.
                      "UVK68SQBI0BRF0zWYPN6vEy6fKBZRWEB0037lJIn+fs=");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Digests, sha256_agrees_with_the_standard),
      RUN(Digests, a_token_is_named_by_the_base64_of_its_sha256),
      RUN(Digests, hkdf_agrees_with_rfc_5869_a_3),
      RUN(Digests, hkdf_depends_on_what_the_key_is_for),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
