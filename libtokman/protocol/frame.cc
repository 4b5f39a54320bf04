#include "libtokman/protocol/frame.h"

#include <algorithm>

namespace tokman {

Result<std::optional<std::string_view>> FrameReader::next_frame() {
  drop_taken();
  if (const std::size_t end = kept_.find('\0', taken_); end != std::string::npos) {
    const std::size_t begin = std::exchange(taken_, end + 1);
    return checked(std::string_view(kept_).substr(begin, end - begin));
  }
  const std::size_t end = fed_.find('\0');
  const std::string_view part = fed_.substr(0, end);
  if (kept_.size() - taken_ + part.size() > frame_bytes_max_) return too_long();
  if (end == std::string_view::npos) return Frame();
  fed_.remove_prefix(end + 1);
  if (kept_.empty()) return Frame(part);
  keep(part);
  const std::size_t begin = std::exchange(taken_, kept_.size());
  return Frame(std::string_view(kept_).substr(begin));
}

std::size_t FrameReader::frames_before_last_byte() const {
  const std::string_view fed = fed_.substr(0, fed_.size() - 1);
  const auto ends =
      std::count(kept_.begin() + static_cast<std::ptrdiff_t>(taken_), kept_.end(), '\0') +
      std::count(fed.begin(), fed.end(), '\0');
  return static_cast<std::size_t>(ends);
}

void FrameReader::keep_rest() {
  drop_taken();
  keep(fed_);
  fed_ = {};
}

// A string that grows by itself would leave a copy behind.
void FrameReader::keep(std::string_view bytes) {
  if (kept_.size() + bytes.size() > kept_.capacity()) {
    std::string larger;
    larger.reserve(2 * (kept_.size() + bytes.size()));
    larger += kept_;
    wipe_memory(kept_.data(), kept_.size());
    kept_.swap(larger);
  }
  kept_ += bytes;
}

Result<FrameReader::Frame> FrameReader::checked(std::string_view frame) const {
  if (frame.size() > frame_bytes_max_) return too_long();
  return Frame(frame);
}

Error FrameReader::too_long() const {
  return Error{TOKMAN_E_PROTOCOL,
               "frame is longer than " + std::to_string(frame_bytes_max_) + " bytes"};
}

void FrameReader::drop_taken() {
  if (taken_ == 0 || taken_ < kept_.size()) return;
  wipe_memory(kept_.data(), kept_.size());
  kept_.clear();
  taken_ = 0;
}

}  // namespace tokman
