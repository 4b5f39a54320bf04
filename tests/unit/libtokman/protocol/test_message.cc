#include "libtokman/protocol/message.h"

#include <string>

#include "libtokman/protocol/error_names.h"
#include "tests/support/cmocka_cpp.h"

using tokman::Call;
using tokman::Error;
using tokman::parse_call;
using tokman::parse_reply;
using tokman::render_reply;
using tokman::json::Value;

namespace {

struct Nothing {};

// A frame as text: its NUL must be there, and goes.
std::string text_of(std::string_view frame) {
  assert_true(frame.ends_with('\0'));
  return std::string(frame.substr(0, frame.size() - 1));
}

// What arrives of an error that was sent.
Error after_the_way(const Error& error) {
  return error_from_reply(parse_reply(text_of(render_error(error))).value());
}

TEST(Nothing, a_call_is_written_as_varlink_says) {
  const Call call{.method = "a.b.C", .parameters = Value::object().set("x", 1)};
  assert_string_equal(text_of(render_call(call)).c_str(),
                      R"({"method":"a.b.C","parameters":{"x":1}})");
}

TEST(Nothing, a_call_without_parameters_has_none) {
  const Call call{.method = "a.b.C", .parameters = {}, .oneway = true, .more = true};
  assert_string_equal(text_of(render_call(call)).c_str(),
                      R"({"method":"a.b.C","oneway":true,"more":true})");
}

TEST(Nothing, a_call_is_read) {
  const auto call = parse_call(R"({"method":"a.b.C","parameters":{"x":1},"more":true})");
  assert_string_equal(call.value().method.c_str(), "a.b.C");
  assert_int_equal(call.value().parameters.find("x").as_int().value(), 1);
  assert_true(call.value().more);
  assert_false(call.value().oneway || call.value().upgrade);
}

TEST(Nothing, a_call_that_is_none_is_refused) {
  for (const char* text : {"", "{}", "[]", R"({"method":1})", R"({"method":"a","x":1})",
                           R"({"method":"a","parameters":[]})", R"({"method":"a","more":1})"}) {
    assert_false(parse_call(text).ok());
  }
}

TEST(Nothing, a_reply_is_written_as_varlink_says) {
  const Value parameters = Value::object().set("x", 1);
  assert_string_equal(text_of(render_reply(parameters).reveal()).c_str(),
                      R"({"parameters":{"x":1}})");
  assert_string_equal(text_of(render_reply(parameters, tokman::Continues::yes).reveal()).c_str(),
                      R"({"parameters":{"x":1},"continues":true})");
}

TEST(Nothing, a_reply_is_read) {
  const auto reply = parse_reply(R"({"parameters":{"x":1},"continues":true})");
  assert_string_equal(reply.value().error.c_str(), "");
  assert_true(reply.value().continues);
  assert_int_equal(reply.value().parameters.find("x").as_int().value(), 1);
}

TEST(Nothing, an_error_keeps_its_code_and_its_text) {
  const Error error = after_the_way(Error{TOKMAN_E_DENIED, "no grant", "target"});
  assert_int_equal(error.code, TOKMAN_E_DENIED);
  assert_string_equal(error.message.c_str(), "no grant");
  assert_string_equal(error.field.c_str(), "target");
  assert_false(error.retry_after.has_value());
  assert_false(error.github.has_value());
}

TEST(Nothing, an_error_keeps_what_github_said_and_when_to_come_again) {
  const Error error = after_the_way(Error{.code = TOKMAN_E_UPSTREAM_LIMITED,
                                          .message = "wait",
                                          .retry_after = std::chrono::milliseconds(1500),
                                          .github = tokman::GithubAnswer{403, "slow down", "A:1"}});
  assert_int_equal(error.retry_after->count(), 1500);
  assert_int_equal(error.github->status, 403);
  assert_string_equal(error.github->message.c_str(), "slow down");
  assert_string_equal(error.github->request_id.c_str(), "A:1");
}

TEST(Nothing, an_error_says_whether_it_may_pass) {
  const auto text = text_of(render_error(Error{TOKMAN_E_BUSY, "later"}));
  assert_string_equal(
      text.c_str(),
      R"({"error":"io.tokman.Busy","parameters":{"message":"later","retryable":true}})");
}

TEST(Nothing, every_error_is_found_by_its_name_on_the_wire) {
#define XX(name, number, retry, text)                                                      \
  assert_int_equal(tokman::error_code_from_wire(tokman::wire_error_name(TOKMAN_E_##name)), \
                   TOKMAN_E_##name);
  TOKMAN_ERROR_MAP(XX)
#undef XX
  assert_string_equal(tokman::wire_error_name(TOKMAN_E_NO_SUCH_METHOD).c_str(),
                      "io.tokman.NoSuchMethod");
}

TEST(Nothing, the_errors_of_varlink_itself_are_known) {
  assert_int_equal(tokman::error_code_from_wire("org.varlink.service.InvalidParameter"),
                   TOKMAN_E_INVALID_ARGUMENT);
  assert_int_equal(tokman::error_code_from_wire("org.varlink.service.MethodNotFound"),
                   TOKMAN_E_NO_SUCH_METHOD);
}

TEST(Nothing, an_error_of_varlink_itself_says_what_it_is_about) {
  const auto reply = parse_reply(
      R"({"error":"org.varlink.service.MethodNotFound","parameters":{"method":"a.B"}})");
  const Error error = error_from_reply(reply.value());
  assert_int_equal(error.code, TOKMAN_E_NO_SUCH_METHOD);
  assert_string_equal(error.message.c_str(), "org.varlink.service.MethodNotFound: a.B");
}

TEST(Nothing, an_unknown_error_is_a_misunderstanding) {
  assert_int_equal(tokman::error_code_from_wire("io.tokman.Unheard"), TOKMAN_E_PROTOCOL);
  assert_int_equal(tokman::error_code_from_wire(""), TOKMAN_E_PROTOCOL);
}

TEST(Nothing, every_code_has_a_name_a_text_and_a_number_that_is_an_exit_status) {
#define XX(name, number, retry, text)                                  \
  assert_string_equal(tokman_error_name(-(number)), #name);            \
  assert_string_equal(tokman_error_text(TOKMAN_E_##name), text);       \
  assert_int_equal(tokman_error_is_retryable(TOKMAN_E_##name), retry); \
  assert_in_range(number, 1, 125);
  TOKMAN_ERROR_MAP(XX)
#undef XX
}

TEST(Nothing, success_and_unknown_codes_have_names_too) {
  assert_string_equal(tokman_error_name(0), "OK");
  assert_string_equal(tokman_error_text(0), "success");
  assert_string_equal(tokman_error_name(-125), "UNKNOWN");
  assert_string_equal(tokman_error_name(1), "UNKNOWN");
  assert_int_equal(tokman_error_is_retryable(-125), 0);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Nothing, a_call_is_written_as_varlink_says),
      RUN(Nothing, a_call_without_parameters_has_none),
      RUN(Nothing, a_call_is_read),
      RUN(Nothing, a_call_that_is_none_is_refused),
      RUN(Nothing, a_reply_is_written_as_varlink_says),
      RUN(Nothing, a_reply_is_read),
      RUN(Nothing, an_error_keeps_its_code_and_its_text),
      RUN(Nothing, an_error_keeps_what_github_said_and_when_to_come_again),
      RUN(Nothing, an_error_says_whether_it_may_pass),
      RUN(Nothing, every_error_is_found_by_its_name_on_the_wire),
      RUN(Nothing, the_errors_of_varlink_itself_are_known),
      RUN(Nothing, an_error_of_varlink_itself_says_what_it_is_about),
      RUN(Nothing, an_unknown_error_is_a_misunderstanding),
      RUN(Nothing, every_code_has_a_name_a_text_and_a_number_that_is_an_exit_status),
      RUN(Nothing, success_and_unknown_codes_have_names_too),
  };
  return cmocka_run_group_tests_name("message", tests, nullptr, nullptr);
}
