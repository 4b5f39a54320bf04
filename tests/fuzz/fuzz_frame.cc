// However the bytes are cut, the same frames come out, and none is longer than allowed.
// The first byte says how large the pieces are; the limit is small so that it is met often.
#include <algorithm>
#include <string>
#include <vector>

#include "libtokman/protocol/frame.h"
#include "tests/fuzz/check.h"

namespace {

constexpr std::size_t kFrameBytesMax = 24;

struct Read {
  std::vector<std::string> frames;
  bool failed = false;
  bool operator==(const Read&) const = default;
};

Read read_in_pieces(std::string_view bytes, std::size_t piece_size) {
  Read read;
  tokman::FrameReader reader(kFrameBytesMax);
  while (!bytes.empty()) {
    const std::string piece(bytes.substr(0, piece_size));  // Its own memory: ASan sees its end.
    bytes.remove_prefix(piece.size());
    reader.feed(piece);
    while (true) {
      const auto frame = reader.next_frame();
      if (!frame.ok()) {
        read.failed = true;
        return read;
      }
      if (!frame.value()) break;
      tokman::must_hold(frame.value()->size() <= kFrameBytesMax);
      read.frames.emplace_back(*frame.value());
    }
    reader.keep_rest();
  }
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes = tokman::as_text(data + 1, size - 1);
  const Read at_once = read_in_pieces(bytes, bytes.size());
  tokman::must_hold(read_in_pieces(bytes, std::max<std::size_t>(1, data[0])) == at_once);
  return 0;
}
