#include "daemon/domain/audit/refusal_limiter.h"

namespace tokman {
namespace {
constexpr std::chrono::minutes kWindow{1};
}

std::optional<std::uint64_t> RefusalLimiter::admit(const std::string& principal, Instant now) {
  auto found = windows_.find(principal);
  if (found == windows_.end()) {
    if (windows_.size() >= kRefusalPrincipalsMax) {
      ++left_out_of_strangers_;
      return std::nullopt;
    }
    found = windows_.emplace(principal, Window{now}).first;
  }
  Window& window = found->second;
  std::uint64_t left_out_before = 0;
  if (now - window.started >= kWindow) {
    left_out_before = window.left_out;
    window = Window{now};
  }
  if (window.written >= kRefusalLinesPerMinute) {
    ++window.left_out;
    return std::nullopt;
  }
  ++window.written;
  return left_out_before;
}

std::vector<std::pair<std::string, std::uint64_t>> RefusalLimiter::take_left_out(Instant now) {
  std::vector<std::pair<std::string, std::uint64_t>> told;
  for (auto at = windows_.begin(); at != windows_.end();) {
    const bool is_over = now - at->second.started >= kWindow;
    if (is_over && at->second.left_out > 0) told.emplace_back(at->first, at->second.left_out);
    at = is_over ? windows_.erase(at) : std::next(at);
  }
  if (left_out_of_strangers_ > 0) {
    told.emplace_back("others", std::exchange(left_out_of_strangers_, 0));
  }
  return told;
}

}  // namespace tokman
