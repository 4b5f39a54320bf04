#include "libtokman/client/token_reply.h"

#include <jansson.h>
#include <malloc.h>

#include <cstdlib>
#include <string>

#include "libtokman/json/value.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/unit/libtokman/fake_daemon.h"

using tokman::kToken;
using tokman::token_reply;
using tokman::TokenReplyReader;

namespace {

struct Reading {
  TokenReplyReader reader;

  // Of a frame with its NUL.
  auto read(const std::string& frame) {
    return reader.read(std::string_view(frame).substr(0, frame.size() - 1));
  }
  int code_of(const std::string& text) {
    const auto reply = reader.read(text);
    return reply.ok() ? 0 : reply.error().code;
  }
};

// What jansson frees is not wiped, as in an application that knows nothing of us. This counts the
// blocks in which the token was left behind.
int blocks_with_token = 0;

void free_and_look(void* block) {
  if (block == nullptr) return;
  const std::string_view bytes(static_cast<char*>(block), malloc_usable_size(block));
  if (bytes.find(kToken) != std::string_view::npos) ++blocks_with_token;
  std::free(block);
}

struct WatchedReading : Reading {
  WatchedReading() {
    json_set_alloc_funcs(std::malloc, free_and_look);
    blocks_with_token = 0;
  }
  ~WatchedReading() { json_set_alloc_funcs(std::malloc, std::free); }
};

TEST(WatchedReading, a_parser_that_saw_the_token_would_be_noticed) {
  (void)tokman::json::parse(token_reply().c_str(), 16);
  assert_true(blocks_with_token > 0);
}

TEST(WatchedReading, no_parser_sees_the_token) {
  const std::string frame = token_reply();
  assert_true(fixture.read(frame).ok());
  assert_true(tokman::read_admin_reply(frame.c_str()).ok());
  assert_int_equal(blocks_with_token, 0);
}

// The usual answer with one thing in it replaced.
std::string changed(std::string_view from, std::string_view to) {
  std::string frame = token_reply();
  frame.replace(frame.find(from), from.size(), to);
  frame.pop_back();
  return frame;
}

TEST(Reading, a_reply_gives_the_token_and_what_was_said_about_it) {
  const std::string frame = token_reply();
  const auto reply = fixture.read(frame);
  assert_true(reply.value().token == kToken);
  assert_int_equal(reply.value().facts->expires_at, 1700003600);
  assert_int_equal(reply.value().facts->minted_at, 1700000000);
  assert_int_equal(reply.value().facts->source, TOKMAN_SOURCE_CACHE);
  assert_string_equal(reply.value().facts->fingerprint.c_str(), "ZmluZ2Vy");
}

TEST(Reading, the_json_has_all_but_the_token) {
  const std::string frame = token_reply();
  const auto reply = fixture.read(frame);
  assert_string_equal(
      reply.value().facts->json.c_str(),
      R"({"expires_at":1700003600,"minted_at":1700000000,"fingerprint":"ZmluZ2Vy","app":"ci",)"
      R"("installation_id":4242,"permissions":{"contents":"read"},)"
      R"("repositories":["hello-world"],"source":"cache"})");
}

TEST(Reading, another_token_of_which_the_same_is_said_is_not_parsed_again) {
  const std::string one = token_reply("ghs_one"), two = token_reply("ghs_two");
  const auto first = fixture.read(one);
  const auto second = fixture.read(two);
  assert_true(second.value().token == "ghs_two");
  assert_ptr_equal(first.value().facts.get(), second.value().facts.get());
}

TEST(Reading, a_token_of_which_something_else_is_said_is_parsed_again) {
  const std::string one = token_reply();
  const std::string two = changed("\"minted_at\":1700000000", "\"minted_at\":1700000001");
  assert_int_equal(fixture.read(one).value().facts->minted_at, 1700000000);
  assert_int_equal(fixture.reader.read(two).value().facts->minted_at, 1700000001);
}

TEST(Reading, every_source_is_known) {
  const auto source_of = [&](std::string_view name) {
    return fixture.reader.read(changed("\"cache\"", name)).value().facts->source;
  };
  assert_int_equal(source_of("\"minted\""), TOKMAN_SOURCE_MINTED);
  assert_int_equal(source_of("\"stale\""), TOKMAN_SOURCE_STALE);
}

TEST(Reading, what_a_later_daemon_adds_is_ignored) {
  assert_int_equal(fixture.code_of(changed("\"app\":\"ci\"", "\"app\":\"ci\",\"new\":[1]")), 0);
}

TEST(Reading, an_answer_that_lacks_something_is_not_understood) {
  for (const char* name :
       {"\"token\"", "\"expires_at\"", "\"minted_at\"", "\"fingerprint\"", "\"source\""}) {
    assert_int_equal(fixture.code_of(changed(name, "\"other\"")), TOKMAN_E_PROTOCOL);
  }
}

TEST(Reading, an_answer_with_a_strange_value_is_not_understood) {
  assert_int_equal(fixture.code_of(changed("1700003600", "\"soon\"")), TOKMAN_E_PROTOCOL);
  assert_int_equal(fixture.code_of(changed("\"cache\"", "\"thin air\"")), TOKMAN_E_PROTOCOL);
  assert_int_equal(fixture.code_of(changed("}}", "},\"continues\":true}")), TOKMAN_E_PROTOCOL);
}

TEST(Reading, garbage_is_not_understood) {
  for (const char* text : {"", "{", "{}", "[]", "null", "\xff\xfe", "{\"parameters\":[]}",
                           "{\"parameters\":{\"token\":\"x\"", "HTTP/1.1 400 Bad Request"}) {
    assert_int_equal(fixture.code_of(text), TOKMAN_E_PROTOCOL);
  }
}

TEST(Reading, a_token_with_anything_but_plain_characters_is_refused) {
  for (const char* token : {"", "a b", "a\\nb", "a\\\"b", "a\\u0041", "a\tb", "\xc3\xa4", "\x7f"}) {
    assert_int_equal(fixture.code_of(changed(kToken, token)), TOKMAN_E_PROTOCOL);
  }
}

TEST(Reading, a_token_may_be_as_long_as_github_may_ever_make_it_and_no_longer) {
  assert_int_equal(fixture.code_of(changed(kToken, std::string(4096, 'x'))), 0);
  assert_int_equal(fixture.code_of(changed(kToken, std::string(4097, 'x'))), TOKMAN_E_PROTOCOL);
}

TEST(Reading, a_token_under_an_escaped_name_is_refused) {
  assert_int_equal(fixture.code_of(changed("\"token\"", "\"t\\u006fken\"")), TOKMAN_E_PROTOCOL);
}

TEST(Reading, a_second_token_is_refused) {
  assert_int_equal(fixture.code_of(changed("\"app\":\"ci\"", "\"token\":\"ghs_other\"")),
                   TOKMAN_E_PROTOCOL);
}

TEST(Reading, a_reply_cut_anywhere_is_refused) {
  const std::string frame = token_reply();
  for (std::size_t size = 0; size < frame.size() - 1; ++size) {
    assert_int_equal(fixture.code_of(frame.substr(0, size)), TOKMAN_E_PROTOCOL);
  }
}

TEST(Reading, the_daemons_error_is_passed_on) {
  const std::string frame = tokman::error_reply("Denied", R"({"message":"no grant"})");
  const auto reply = fixture.read(frame);
  assert_int_equal(reply.error().code, TOKMAN_E_DENIED);
  assert_string_equal(reply.error().message.c_str(), "no grant");
}

TEST(Reading, an_admin_reply_is_the_text_of_its_parameters) {
  const auto reply = tokman::read_admin_reply(R"({"parameters": {"a": 1, "token":"ghs_x"} })");
  assert_string_equal(reply.value().reveal().data(), R"({"a": 1, "token":"ghs_x"})");
}

TEST(Reading, an_admin_reply_without_parameters_is_an_empty_object) {
  assert_string_equal(tokman::read_admin_reply("{}").value().reveal().data(), "{}");
  assert_string_equal(tokman::read_admin_reply(R"({"parameters":null})").value().reveal().data(),
                      "{}");
}

TEST(Reading, an_admin_reply_that_is_none_is_refused) {
  for (const char* text : {"", "{\"parameters\":[]}", "{\"parameters\":{}", "{\"continues\":true}",
                           "{\"p\\u0061rameters\":{}}", "{\"parameters\":{\"a\":x}}"}) {
    assert_int_equal(tokman::read_admin_reply(text).error().code, TOKMAN_E_PROTOCOL);
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(WatchedReading, a_parser_that_saw_the_token_would_be_noticed),
      RUN(WatchedReading, no_parser_sees_the_token),
      RUN(Reading, a_reply_gives_the_token_and_what_was_said_about_it),
      RUN(Reading, the_json_has_all_but_the_token),
      RUN(Reading, another_token_of_which_the_same_is_said_is_not_parsed_again),
      RUN(Reading, a_token_of_which_something_else_is_said_is_parsed_again),
      RUN(Reading, every_source_is_known),
      RUN(Reading, what_a_later_daemon_adds_is_ignored),
      RUN(Reading, an_answer_that_lacks_something_is_not_understood),
      RUN(Reading, an_answer_with_a_strange_value_is_not_understood),
      RUN(Reading, garbage_is_not_understood),
      RUN(Reading, a_token_with_anything_but_plain_characters_is_refused),
      RUN(Reading, a_token_may_be_as_long_as_github_may_ever_make_it_and_no_longer),
      RUN(Reading, a_token_under_an_escaped_name_is_refused),
      RUN(Reading, a_second_token_is_refused),
      RUN(Reading, a_reply_cut_anywhere_is_refused),
      RUN(Reading, the_daemons_error_is_passed_on),
      RUN(Reading, an_admin_reply_is_the_text_of_its_parameters),
      RUN(Reading, an_admin_reply_without_parameters_is_an_empty_object),
      RUN(Reading, an_admin_reply_that_is_none_is_refused),
  };
  return cmocka_run_group_tests_name("token reply", tests, nullptr, nullptr);
}
