// A reply that is an error keeps its code, its words and GitHub's when it is passed on.
#include "libtokman/protocol/message.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reply = tokman::parse_reply(tokman::as_text(data, size));
  if (!reply.ok() || reply.value().error.empty()) return 0;
  const tokman::Error error = tokman::error_from_reply(reply.value());
  std::string frame = tokman::render_error(error);
  frame.pop_back();
  const auto again = tokman::parse_reply(frame);
  tokman::must_hold(again.ok());
  const tokman::Error passed_on = tokman::error_from_reply(again.value());
  tokman::must_hold(passed_on.code == error.code && passed_on.message == error.message);
  tokman::must_hold(passed_on.github.has_value() == error.github.has_value());
  return 0;
}
