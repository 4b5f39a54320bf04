#pragma once
// Reads the daemon's answers to GetToken.
//
// Only the text around the token is parsed, and only if it differs from that of the answer
// before: while the daemon has one token cached, it sends the same bytes again and again.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/client/token.h"
#include "libtokman/json/value.h"

namespace tokman {

struct TokenReply {
  std::string_view token;  // A part of the frame.
  std::shared_ptr<const TokenFacts> facts;
};

// What may stand in an HTTP header's value: so no token can add a header of its own.
bool is_plain_token(std::string_view token);

class TokenReplyReader {
 public:
  // An error is the daemon's own, or TOKMAN_E_PROTOCOL if the frame is no such answer.
  Result<TokenReply> read(std::string_view frame);

 private:
  std::string text_;  // What facts_ were read from: the frame without its token.
  std::shared_ptr<const TokenFacts> facts_;
};

struct LoginReply {
  std::string_view token;  // A part of the frame.
  std::int64_t expires_in = 0;
};

// The daemon's answer to Authenticate.
Result<LoginReply> read_login(std::string_view frame);

// The parameters of an answer without secrets.
Result<json::Value> read_reply(std::string_view frame);

// The parameters of ReportRejected's answer.
Result<tokman_rejection> read_rejection(const json::Value& answer);

// The parameters of any method's answer, or "{}", with a NUL at their end.
Result<SecretBytes> read_admin_reply(std::string_view frame);

}  // namespace tokman
