// The key behind JWTs of clients: where it comes from, and for how long a former one is shown.
#include "daemon/signer/access_keys.h"

#include <map>

#include "tests/support/captured_log.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/signer/generated_key.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

std::string pem_of_seed(const char* seed) {
  return std::string("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI") + seed +
         "\n-----END PRIVATE KEY-----\n";
}

struct Keys {
  FakeClock clock;
  CapturedLog lines;
  Log log{lines};
  std::map<std::string, std::string> files = {
      {"one", pem_of_seed("AEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB")},
      {"two", pem_of_seed("AICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC")},
      {"rsa", GeneratedKey().pkcs8()}};
  AccessKeys keys{clock, log, [this](const std::string& location) -> Result<SecretBytes> {
                    const auto file = files.find(location);
                    if (file != files.end()) return SecretBytes(file->second);
                    return Error{TOKMAN_E_SECRET_UNAVAILABLE, location + ": no such file"};
                  }};

  std::string kid() const {
    const Result<const AccessKey*> key = keys.current();
    return key.ok() ? key.value()->kid : key.error().message;
  }
  std::size_t shown() const { return keys.public_keys().size(); }
};

TEST(Keys, a_configured_key_has_the_same_kid_each_time) {
  fixture.keys.configure("one");
  const std::string kid = fixture.kid();
  fixture.keys.refresh();
  fixture.keys.configure("one");
  assert_string_equal(fixture.kid().c_str(), kid.c_str());
  assert_int_equal(fixture.shown(), 1);
}

// Computed by another program: SHA-256 of the JWK's members in their order, in base64url.
TEST(Keys, a_kid_is_the_thumbprint_of_rfc_7638) {
  fixture.keys.configure("one");
  assert_string_equal(fixture.kid().c_str(), "UDDReOZl1ipXAfp9wYsm13sDBMK5og--QWdBjzuf6o4");
}

TEST(Keys, without_a_place_a_key_is_made_and_kept) {
  fixture.keys.configure("");
  const std::string kid = fixture.kid();
  fixture.keys.refresh();
  fixture.keys.configure("");
  assert_string_equal(fixture.kid().c_str(), kid.c_str());
  assert_int_equal(kid.size(), 43);
}

TEST(Keys, a_former_key_is_shown_until_what_it_signed_is_refused) {
  fixture.keys.configure("one");
  const std::string former = fixture.kid();
  fixture.files["one"] = fixture.files["two"];
  fixture.keys.refresh();
  assert_string_not_equal(fixture.kid().c_str(), former.c_str());
  fixture.clock.go_to(fixture.clock.now() + 604s);
  assert_int_equal(fixture.shown(), 2);
  assert_string_equal(fixture.keys.public_keys()[1].kid.c_str(), former.c_str());
  fixture.clock.go_to(fixture.clock.now() + 1s);
  assert_int_equal(fixture.shown(), 1);
}

TEST(Keys, former_keys_are_bounded) {
  for (int i = 0; i < 10; ++i) {
    fixture.keys.configure("one");
    fixture.keys.configure("two");
  }
  assert_int_equal(fixture.shown(), 1 + AccessKeys::kFormerMax);
}

TEST(Keys, what_cannot_be_read_any_more_stays_in_use_and_is_said_once) {
  fixture.keys.configure("one");
  const std::string kid = fixture.kid();
  fixture.files.erase("one");
  fixture.keys.refresh();
  fixture.keys.refresh();
  assert_string_equal(fixture.kid().c_str(), kid.c_str());
  assert_int_equal(fixture.lines.count("access.jwt_key unusable"), 1);
}

TEST(Keys, where_a_place_never_gave_a_key_none_is_made) {
  fixture.keys.configure("none");
  assert_int_equal(fixture.keys.current().error().code, TOKMAN_E_SECRET_UNAVAILABLE);
  assert_int_equal(fixture.shown(), 0);
  fixture.keys.configure("rsa");
  assert_true(fixture.kid().find("is a key of type RSA, not ED25519") != std::string::npos);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Keys, a_configured_key_has_the_same_kid_each_time),
      RUN(Keys, a_kid_is_the_thumbprint_of_rfc_7638),
      RUN(Keys, without_a_place_a_key_is_made_and_kept),
      RUN(Keys, a_former_key_is_shown_until_what_it_signed_is_refused),
      RUN(Keys, former_keys_are_bounded),
      RUN(Keys, what_cannot_be_read_any_more_stays_in_use_and_is_said_once),
      RUN(Keys, where_a_place_never_gave_a_key_none_is_made),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
