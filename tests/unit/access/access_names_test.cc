// Which texts are names of users, bots, tokens and services.
#include "daemon/domain/access/access_names.h"

#include <string>

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::string_literals;

struct Names {};

// GF-17: what is none, and short names that are.
TEST(Names, a_username_is_lower_case_words_with_a_letter_among_them) {
  for (const std::string& name :
       {"a"s, "a1"s, "1a"s, "a-b"s, "a1b"s, "a-1"s, "www-data"s, "_apt"s, "first.last"s,
        "systemd-network"s, "bot-ci"s, std::string(64, 'a')}) {
    assert_true(is_username(name));
  }
}

TEST(Names, what_no_account_should_be_called_is_no_username) {
  for (const std::string& name : {""s,
                                  "<bootstrap>"s,
                                  "<internal>"s,
                                  "in+valid"s,
                                  " invalid"s,
                                  "invalid "s,
                                  "in/valid"s,
                                  "in@valid"s,
                                  "-invalid"s,
                                  "invalid-"s,
                                  "in--valid"s,
                                  "1234567"s,
                                  ".a"s,
                                  "a."s,
                                  "a..b"s,
                                  "a.-b"s,
                                  "Invalid"s,
                                  "invalid\n"s,
                                  "in\nvalid"s,
                                  "in\0valid"s,
                                  "invalid\0"s,
                                  "1-2"s,
                                  "_"s,
                                  "inv\xc3\xa4lid"s,
                                  std::string(65, 'a')}) {
    assert_false(is_username(name));
  }
}

TEST(Names, a_bot_has_a_prefix_and_a_name) {
  for (const std::string& name : {"bot-a"s, "bot-1"s, "bot-a-b"s, "bot-" + std::string(60, 'a')}) {
    assert_true(is_bot_name(name));
    assert_true(is_username(name));
  }
  for (const std::string& name : {""s, "bot"s, "bot-"s, "bot--a"s, "bot-a-"s, "abot-a"s, "Bot-a"s,
                                  "bot-a\n"s, "bot-" + std::string(61, 'a')}) {
    assert_false(is_bot_name(name));
  }
}

TEST(Names, a_token_is_called_what_one_likes_within_a_line) {
  for (const std::string& name : {"a"s, "my laptop"s, "<'\"&>"s, "R\xc3\xa9sum\xc3\xa9"s,
                                  "\xc2\xa0\xc2\xbf"s, std::string(64, 'a')}) {
    assert_true(is_token_name(name));
  }
  for (const std::string& name : {""s, " "s, " a"s, "a "s, "a\n"s, "\ta"s, "a\0b"s, "a\x7f"s,
                                  "a\xc2\x85"s, std::string(65, 'a')}) {
    assert_false(is_token_name(name));
  }
}

TEST(Names, a_service_is_one_word) {
  for (const std::string& name : {"a"s, "Web_1.example-org"s, std::string(64, 'a')}) {
    assert_true(is_service_name(name));
  }
  for (const std::string& name :
       {""s, "a b"s, "abc\n"s, "a:b"s, "a/b"s, "a\0"s, std::string(65, 'a')}) {
    assert_false(is_service_name(name));
  }
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Names, a_username_is_lower_case_words_with_a_letter_among_them),
      RUN(Names, what_no_account_should_be_called_is_no_username),
      RUN(Names, a_bot_has_a_prefix_and_a_name),
      RUN(Names, a_token_is_called_what_one_likes_within_a_line),
      RUN(Names, a_service_is_one_word),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
