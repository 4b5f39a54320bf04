// A key of any bytes, and what the daemon says to it, come out of a parser as they went into a
// frame.
#include "libtokman/client/credential.h"
#include "libtokman/protocol/message.h"
#include "tests/fuzz/check.h"

namespace {

// A frame as the daemon reads it, without its NUL.
tokman::Result<tokman::Call> parsed(std::string_view frame) {
  return tokman::parse_call(frame.substr(0, frame.size() - 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = tokman::as_text(data, size);
  tokman::Credential login = tokman::Credential::of_client("packit", text);
  if (const auto call = parsed(login.login_frame()); call.ok()) {  // It may be no UTF-8.
    tokman::must_hold(call.value().parameters.find("client_key").as_text() == text);
  }
  if (!login.take_login(text).ok()) return 0;
  const std::string ping = tokman::render_call(
      {.method = "io.tokman.Daemon.Ping", .parameters = tokman::json::Value::object()});
  tokman::must_hold(login.is_shown_with(ping));
  const auto call = parsed(login.shown_with(ping).reveal());
  const auto reply = tokman::parse_reply(text);
  tokman::must_hold(call.ok() && reply.ok());
  tokman::must_hold(call.value().parameters.find("auth").as_text() ==
                    reply.value().parameters.find("token").as_text());
  return 0;
}
