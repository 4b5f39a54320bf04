// Callers choose cursors and ranges of addresses: what is read as a cursor is written as it was,
// and a range holds the address it begins with.
#include "daemon/domain/access/history_query.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = tokman::as_text(data, size);
  if (const auto cursor = tokman::parse_history_cursor(text)) {
    tokman::must_hold(cursor->text() == text);
  }
  if (const auto range = tokman::AddressRange::parse(text)) {
    tokman::must_hold(range->contains(text.substr(0, text.find('/'))));
  }
  return 0;
}
