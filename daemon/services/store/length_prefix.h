#pragma once
// Texts one after the other, each after its length: no two lists of texts give the same bytes.
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace tokman {

// REQUIRES: each text is shorter than 4 GiB.
inline std::string length_prefixed(std::initializer_list<std::string_view> texts) {
  std::string joined;
  for (const std::string_view text : texts) {
    const auto size = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8) joined += static_cast<char>(size >> shift & 255);
    joined += text;
  }
  return joined;
}

}  // namespace tokman
