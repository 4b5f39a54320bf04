#pragma once
// How long an exchange may take and how large it may become. Tests make these smaller.
#include <chrono>
#include <cstddef>

namespace tokman {

struct HttpLimits {
  std::chrono::milliseconds connect = std::chrono::seconds(5);
  std::chrono::milliseconds total = std::chrono::seconds(15);  // Waiting and redirects included.
  std::size_t body_bytes = 16 * 1024 * 1024;
  std::size_t header_bytes = 64 * 1024;
  int redirects = 3;
  std::size_t exchanges_per_host = 16;
};

}  // namespace tokman
