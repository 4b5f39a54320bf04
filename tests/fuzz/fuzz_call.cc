// A call that is understood is still the same call after it has been written and read again.
#include "libtokman/protocol/message.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto call = tokman::parse_call(tokman::as_text(data, size));
  if (!call.ok()) return 0;
  std::string frame = tokman::render_call(call.value());
  tokman::must_hold(frame.find('\0') == frame.size() - 1);
  frame.pop_back();
  const auto again = tokman::parse_call(frame);
  tokman::must_hold(again.ok() && again.value().method == call.value().method);
  tokman::must_hold(again.value().oneway == call.value().oneway);
  tokman::must_hold(again.value().more == call.value().more);
  tokman::must_hold(again.value().parameters.exists() == call.value().parameters.exists());
  if (!call.value().parameters.exists()) return 0;
  tokman::must_hold(again.value().parameters.dump() == call.value().parameters.dump());
  return 0;
}
