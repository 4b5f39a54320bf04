#pragma once
// Varlink's messages: calls and replies, to and from JSON (https://varlink.org/Method-Call).
#include <string>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/json/value.h"

namespace tokman {

struct Call {
  std::string method;      // "io.tokman.GitHub.GetToken"
  json::Value parameters;  // An object, or absent.
  bool oneway = false;     // The caller wants no answer, not even an error.
  bool more = false;       // The caller takes several answers.
  bool upgrade = false;    // The caller would leave Varlink after this call; no method here does.
};

Result<Call> parse_call(std::string_view frame);

// A whole frame, NUL included.
std::string render_call(const Call& call);

enum class Continues : bool { no, yes };  // Whether another answer to the same call follows.

SecretBytes render_reply(const json::Value& parameters, Continues continues = Continues::no);
std::string render_error(const Error& error);
// For errors that are not tokman's own, such as org.varlink.service.MethodNotFound.
std::string render_error(std::string_view name, const json::Value& parameters);

struct Reply {
  std::string error;       // The error's full name, "" for success.
  json::Value parameters;  // An object, or absent.
  bool continues = false;
};

Result<Reply> parse_reply(std::string_view frame);

// The parameters of an io.tokman error, and back.
json::Value error_parameters(const Error& error);
Error error_from_reply(const Reply& reply);

}  // namespace tokman
