#include "libtokman/base/wiping_memory.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "libtokman/base/secret_bytes.h"

namespace tokman {
namespace {

// The size stands in front of each block, so that freeing knows how much to wipe.
constexpr std::size_t kSizeField = alignof(std::max_align_t);

std::size_t size_of(const void* memory) {
  std::size_t size = 0;
  std::memcpy(&size, static_cast<const char*>(memory) - kSizeField, sizeof size);
  return size;
}

}  // namespace

void* wiping_malloc(std::size_t size) {
  if (size > SIZE_MAX - kSizeField) return nullptr;
  void* block = std::malloc(size + kSizeField);
  if (block == nullptr) return nullptr;
  std::memcpy(block, &size, sizeof size);
  return static_cast<char*>(block) + kSizeField;
}

void wiping_free(void* memory) {
  if (memory == nullptr) return;
  wipe_memory(memory, size_of(memory));
  std::free(static_cast<char*>(memory) - kSizeField);
}

void* wiping_realloc(void* memory, std::size_t size) {
  void* larger = wiping_malloc(size);
  if (larger == nullptr || memory == nullptr) return larger;
  std::memcpy(larger, memory, std::min(size, size_of(memory)));
  wiping_free(memory);
  return larger;
}

char* wiping_strdup(const char* text) {
  const std::size_t size = std::strlen(text) + 1;
  void* copy = wiping_malloc(size);
  return copy == nullptr ? nullptr : static_cast<char*>(std::memcpy(copy, text, size));
}

void* wiping_calloc(std::size_t count, std::size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return nullptr;
  void* memory = wiping_malloc(count * size);
  return memory == nullptr ? nullptr : std::memset(memory, 0, count * size);
}

}  // namespace tokman
