#pragma once
// The entry point that libFuzzer and replay.cc share, and how a fuzzer says what must hold.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tokman {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the process, which is how libFuzzer learns of it.
inline void must_hold(bool condition) {
  if (!condition) std::abort();
}

}  // namespace tokman
