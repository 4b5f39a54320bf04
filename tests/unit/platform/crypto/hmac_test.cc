#include "daemon/platform/crypto/hmac.h"

#include <vector>

#include "libtokman/base/encoding.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Codes {
  static std::string code(std::string_view key, const std::vector<std::string>& pieces) {
    Result<HmacSha256> hmac = HmacSha256::start(SecretBytes(key));
    for (const std::string& piece : pieces) hmac.value().update(piece);
    return base64(hmac.value().finish());
  }
};

TEST(Codes, it_agrees_with_rfc_4231_4_2) {
  assert_string_equal(Codes::code(std::string(20, '\x0b'), {"Hi There"}).c_str(),
                      "sDRMYdjbOFNcqK/OrwvxK4gdwgDJgz2nJuk3bC4yz/c=");
}

TEST(Codes, a_key_longer_than_a_block_agrees_with_rfc_4231_4_7) {
  const std::string text = "Test Using Larger Than Block-Size Key - Hash Key First";
  assert_string_equal(Codes::code(std::string(131, '\xaa'), {text}).c_str(),
                      "YOQxWR7gtn8Niiaqy/W3f44LxiE3KMUUBUYEDw7jf1Q=");
}

TEST(Codes, how_the_bytes_are_parted_does_not_matter) {
  assert_true(Codes::code("key", {"Hi There"}) == Codes::code("key", {"Hi", " ", "", "There"}));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Codes, it_agrees_with_rfc_4231_4_2),
      RUN(Codes, a_key_longer_than_a_block_agrees_with_rfc_4231_4_7),
      RUN(Codes, how_the_bytes_are_parted_does_not_matter),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
