#include "daemon/platform/crypto/scrypt.h"

#include "libtokman/base/encoding.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Scrypt {
  static std::string hash(std::string_view key, std::string_view salt, const ScryptCost& cost) {
    const Result<std::string> hash = scrypt(SecretBytes(key), salt, cost);
    return hash.ok() ? base64(hash.value()) : hash.error().message;
  }
};

// The first 32 bytes of two of its examples: the function's output begins the same at any length.
TEST(Scrypt, a_hash_agrees_with_rfc_7914_12) {
  assert_string_equal(Scrypt::hash("password", "NaCl", {1024, 8, 16}).c_str(),
                      "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI=");
  assert_string_equal(Scrypt::hash("pleaseletmein", "SodiumChloride", {16384, 8, 1}).c_str(),
                      "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI=");
}

TEST(Scrypt, another_salt_gives_another_hash) {
  const ScryptCost cost{16, 8, 1};
  assert_string_not_equal(Scrypt::hash("key", "one", cost).c_str(),
                          Scrypt::hash("key", "two", cost).c_str());
}

TEST(Scrypt, a_cost_that_is_none_is_refused) {
  assert_false(scrypt(SecretBytes("key"), "salt", {3, 8, 1}).ok());
  assert_false(scrypt(SecretBytes("key"), "salt", {0, 0, 0}).ok());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Scrypt, a_hash_agrees_with_rfc_7914_12),
      RUN(Scrypt, another_salt_gives_another_hash),
      RUN(Scrypt, a_cost_that_is_none_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
