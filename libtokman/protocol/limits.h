#pragma once
// Every number that both ends of the socket rely on.
#include <cstddef>

namespace tokman {

inline constexpr const char* kDefaultSocket = "/run/tokman/tokman.sock";

inline constexpr std::size_t kFrameBytesMax = 64 * 1024;
inline constexpr std::size_t kReplyBytesMax = 16 * 1024 * 1024;  // A list of 10,000 tokens fits.
inline constexpr int kJsonDepthMax = 16;
inline constexpr std::size_t kTokenBytesMin = 40;
inline constexpr std::size_t kTokenBytesMax = 4096;

}  // namespace tokman
