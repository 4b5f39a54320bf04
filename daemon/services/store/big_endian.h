#pragma once
// Numbers as eight bytes whose order is that of the numbers: for keys of tables.
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/base/ports.h"

namespace tokman {

inline constexpr std::size_t kBigEndianBytes = 8;

inline std::string big_endian(std::uint64_t number) {
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 255);
  return bytes;
}
// A time before 1970 is not one that tokman knows: it counts as 1970.
inline std::string big_endian(UnixTime time) {
  const std::int64_t seconds = time.time_since_epoch().count();
  return big_endian(seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds));
}

// REQUIRES: bytes.size() >= kBigEndianBytes; what follows them does not count.
inline std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kBigEndianBytes; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}
inline UnixTime read_big_endian_time(std::string_view bytes) {
  return UnixTime(std::chrono::seconds(static_cast<std::int64_t>(read_big_endian(bytes))));
}

}  // namespace tokman
