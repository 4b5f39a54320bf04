// How an access token is written, and what is not one.
// GF-1: malformed texts, the alphabet, and what follows the end.
#include "daemon/domain/access/access_token.h"

#include "tests/support/cmocka_cpp.h"
#include "tests/support/fixed_random.h"

namespace tokman {
namespace {

struct AccessTokenText {
  FixedRandom random;
  std::string text{make_access_token(random).text().reveal()};

  static bool is_token(std::string_view candidate) {
    return parse_access_token(candidate).has_value();
  }
};

TEST(AccessTokenText, has_a_prefix_and_two_parts_of_22_characters) {
  assert_string_equal(fixture.text.c_str(), "tmk_WlpaWlpaWlpaWlpaWlpaWg.WlpaWlpaWlpaWlpaWlpaWg");
}

TEST(AccessTokenText, what_was_written_is_read_back) {
  const auto token = parse_access_token("tmk_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWg");
  assert_string_equal(token->key.c_str(), "AAAAAAAAAAAAAAAAAAAAAA");
  assert_true(token->secret.reveal() == "WlpaWlpaWlpaWlpaWlpaWg");
}

TEST(AccessTokenText, a_text_that_is_not_exactly_one_token_is_none) {
  const char* const malformed[] = {
      "",
      "tmk_",
      "tmk_.",
      "AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWg",        // No prefix.
      "gt-AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWg",     // Another's prefix.
      "TMK_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWg",    // In capitals.
      "tmk_AAAAAAAAAAAAAAAAAAAAAA",                           // No secret.
      "tmk_AAAAAAAAAAAAAAAAAAAAAA.",                          // An empty one.
      "tmk_.WlpaWlpaWlpaWlpaWlpaWg",                          // An empty key.
      "tmk_AAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWg",     // A short key.
      "tmk_AAAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaW",    // A long key.
      "tmk_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaW",     // A short secret.
      "tmk_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWgA",   // A long one.
      "tmk_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWg\n",  // A line end.
      " tmk_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWg",   // A space before.
      "tmk_AAAAAAAAAAAAAAAAAAAAAA:WlpaWlpaWlpaWlpaWlpaWg",    // No dot.
      "tmk_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWl.aWlpaWlpaWg",    // A dot in the secret.
      "tmk_AAAAAAAAAAAAAAAAAAAA+A.WlpaWlpaWlpaWlpaWlpaWg",    // The other base64.
      "tmk_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaW=",    // Padding.
      "tmk_AAAAAAAAAAAAAAAAAAAAAB.WlpaWlpaWlpaWlpaWlpaWg",    // Bits left over in the key,
      "tmk_AAAAAAAAAAAAAAAAAAAAAA.WlpaWlpaWlpaWlpaWlpaWh",    // in the secret.
  };
  for (const char* text : malformed) assert_false(AccessTokenText::is_token(text));
}

TEST(AccessTokenText, a_nul_within_it_makes_it_none) {
  std::string text = fixture.text;
  text[10] = '\0';
  assert_false(AccessTokenText::is_token(text));
}

TEST(AccessTokenText, a_key_alone_is_told_from_other_texts) {
  assert_true(is_access_token_key("AAAAAAAAAAAAAAAAAAAAAA"));
  assert_false(is_access_token_key("AAAAAAAAAAAAAAAAAAAAA"));
  assert_false(is_access_token_key("AAAAAAAAAAAAAAAAAAAAAB"));
}

TEST(AccessTokenText, every_type_has_a_name_that_is_read_back) {
  for (const TokenTypeName& row : kTokenTypeNames) {
    assert_true(parse_token_type(row.name) == row.type);
    assert_true(token_type_name(row.type) == row.name);
  }
  assert_false(parse_token_type("sesion").has_value());
}

TEST(AccessTokenText, a_token_is_alive_until_the_second_it_expires) {
  AccessTokenInfo info;
  assert_true(info.is_alive(UnixTime::max()));
  info.expires = UnixTime(std::chrono::seconds(100));
  assert_true(info.is_alive(UnixTime(std::chrono::seconds(99))));
  assert_false(info.is_alive(UnixTime(std::chrono::seconds(100))));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(AccessTokenText, has_a_prefix_and_two_parts_of_22_characters),
      RUN(AccessTokenText, what_was_written_is_read_back),
      RUN(AccessTokenText, a_text_that_is_not_exactly_one_token_is_none),
      RUN(AccessTokenText, a_nul_within_it_makes_it_none),
      RUN(AccessTokenText, a_key_alone_is_told_from_other_texts),
      RUN(AccessTokenText, every_type_has_a_name_that_is_read_back),
      RUN(AccessTokenText, a_token_is_alive_until_the_second_it_expires),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
