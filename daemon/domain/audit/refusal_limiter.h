#pragma once
// Bounds how many refusals of one principal are written down, and counts those that are not.
//
// Each principal has ten lines a minute. What was left out is reported once its minute is over:
// with the next refusal that is written, or by take_left_out().
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/base/ports.h"

namespace tokman {

inline constexpr std::uint64_t kRefusalLinesPerMinute = 10;
inline constexpr std::size_t kRefusalPrincipalsMax = 1024;

class RefusalLimiter {
 public:
  // None: do not write this one. Else write it, with the number left out before it.
  std::optional<std::uint64_t> admit(const std::string& principal, Instant now);

  // Principals whose minute is over, with how many refusals were left out; each is told once.
  std::vector<std::pair<std::string, std::uint64_t>> take_left_out(Instant now);

  // Nothing is being counted.
  bool is_idle() const { return windows_.empty() && left_out_of_strangers_ == 0; }

 private:
  struct Window {
    Instant started;
    std::uint64_t written = 0;
    std::uint64_t left_out = 0;
  };

  std::map<std::string, Window> windows_;
  std::uint64_t left_out_of_strangers_ = 0;  // When there are too many principals to count each.
};

}  // namespace tokman
