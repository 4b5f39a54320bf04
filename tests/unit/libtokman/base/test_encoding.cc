#include "libtokman/base/encoding.h"

#include <string>

#include "tests/support/cmocka_cpp.h"

namespace {

struct Nothing {};

struct Vector {
  const char* bytes;
  const char* text;
};
// RFC 4648 section 10.
constexpr Vector kVectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

std::string all_bytes() {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  return bytes;
}

TEST(Nothing, the_vectors_of_rfc_4648_are_encoded) {
  for (const auto& [bytes, text] : kVectors) {
    assert_string_equal(tokman::base64(bytes).c_str(), text);
  }
}

TEST(Nothing, the_vectors_of_rfc_4648_are_decoded) {
  for (const auto& [bytes, text] : kVectors) {
    assert_string_equal(tokman::from_base64(text).value().c_str(), bytes);
  }
}

TEST(Nothing, base64url_has_its_own_letters_and_no_padding) {
  assert_string_equal(tokman::base64url("\xfb\xff").c_str(), "-_8");
  assert_string_equal(tokman::from_base64url("-_8").value().c_str(), "\xfb\xff");
}

TEST(Nothing, all_bytes_survive_the_way_there_and_back) {
  assert_true(tokman::from_base64(tokman::base64(all_bytes())) == all_bytes());
  assert_true(tokman::from_base64url(tokman::base64url(all_bytes())) == all_bytes());
}

TEST(Nothing, wrong_padding_is_refused) {
  for (const char* text : {"Zg", "Zg=", "Zg===", "====", "Z===", "=Zg=", "Zm9v="}) {
    assert_false(tokman::from_base64(text).has_value());
  }
}

TEST(Nothing, letters_outside_the_alphabet_are_refused) {
  for (const char* text : {"Zm9-", "Zm9_", "Zm9 ", "Zm\n9"}) {
    assert_false(tokman::from_base64(text).has_value());
  }
  for (const char* text : {"Zm9+", "Zm9/", "Zg=="}) {
    assert_false(tokman::from_base64url(text).has_value());
  }
}

TEST(Nothing, bits_left_over_are_refused_so_that_each_text_is_the_only_one) {
  assert_false(tokman::from_base64("Zh==").has_value());
  assert_false(tokman::from_base64url("Zm9").has_value());
}

TEST(Nothing, a_single_letter_is_no_byte) { assert_false(tokman::from_base64url("Z").has_value()); }

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Nothing, the_vectors_of_rfc_4648_are_encoded),
      RUN(Nothing, the_vectors_of_rfc_4648_are_decoded),
      RUN(Nothing, base64url_has_its_own_letters_and_no_padding),
      RUN(Nothing, all_bytes_survive_the_way_there_and_back),
      RUN(Nothing, wrong_padding_is_refused),
      RUN(Nothing, letters_outside_the_alphabet_are_refused),
      RUN(Nothing, bits_left_over_are_refused_so_that_each_text_is_the_only_one),
      RUN(Nothing, a_single_letter_is_no_byte),
  };
  return cmocka_run_group_tests_name("encoding", tests, nullptr, nullptr);
}
