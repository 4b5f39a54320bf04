// The client library reads an answer without parsing its token; a parser must find the same.
#include "libtokman/client/token_reply.h"
#include "libtokman/protocol/message.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view frame = tokman::as_text(data, size);
  tokman::TokenReplyReader reader;
  const auto read = reader.read(frame);
  if (!read.ok()) return 0;
  const auto parsed = tokman::parse_reply(frame);
  tokman::must_hold(parsed.ok());
  tokman::must_hold(parsed.value().parameters.find("token").as_text() == read.value().token);

  const auto again = reader.read(frame);  // Now it knows the text around the token.
  tokman::must_hold(again.ok() && again.value().token == read.value().token);
  tokman::must_hold(again.value().facts == read.value().facts);
  return 0;
}
