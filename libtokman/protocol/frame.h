#pragma once
// Varlink's frames: a JSON text and a NUL byte (https://varlink.org/Method-Call).
//
// Bytes go in as they arrive, whole frames come out in order. What is kept is bounded: a frame
// that grows past the limit is an error at once, not when its end arrives. Whole frames that were
// fed together are not copied. What was kept is wiped.
#include <optional>
#include <string>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class FrameReader {
 public:
  explicit FrameReader(std::size_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;
  ~FrameReader() { wipe_memory(kept_.data(), kept_.size()); }

  // Takes what was read. `bytes` must live until keep_rest() or the next feed().
  // REQUIRES: keep_rest() was called since the last feed().
  void feed(std::string_view bytes) { fed_ = bytes; }

  // The next whole frame without its NUL, none if it has not ended yet, an error once and for
  // all if it is too long. The view lives until the next call of any function here.
  Result<std::optional<std::string_view>> next_frame();

  // Copies what was fed and not yet taken, whole frames too, so that what was fed may go.
  void keep_rest();

  // Whether next_frame() would give something at once.
  bool has_whole_frame() const {
    return kept_.find('\0', taken_) != std::string::npos || fed_.find('\0') != fed_.npos;
  }

  // How many frames come out before the one that holds the last byte fed. REQUIRES: there is one.
  std::size_t frames_before_last_byte() const;

  // Bytes of a frame have arrived, or frames that no one took yet.
  bool has_bytes() const { return taken_ < kept_.size() || !fed_.empty(); }

 private:
  using Frame = std::optional<std::string_view>;
  Result<Frame> checked(std::string_view frame) const;
  Error too_long() const;
  void keep(std::string_view bytes);
  void drop_taken();

  std::size_t frame_bytes_max_;
  std::string kept_;  // Copied earlier; before `taken_` it has been given out.
  std::size_t taken_ = 0;
  std::string_view fed_;  // Follows kept_.
};

}  // namespace tokman
