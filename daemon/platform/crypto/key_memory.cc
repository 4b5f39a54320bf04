#include "daemon/platform/crypto/key_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "libtokman/base/secret_bytes.h"

namespace tokman {
namespace {

struct Range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

Error refused(const std::string& doing) {
  return Error{TOKMAN_E_SYSTEM, doing + ": " + std::strerror(errno)};
}

void* plain_malloc(std::size_t size, const char*, int) { return std::malloc(size); }

void wiping_free(void* block, const char*, int) {
  if (block == nullptr) return;
  wipe_memory(block, malloc_usable_size(block));
  std::free(block);
}

// Never in place: realloc() might move the block, and would not wipe the old one.
void* wiping_realloc(void* block, std::size_t size, const char* file, int line) {
  if (block == nullptr) return std::malloc(size);
  void* larger = size != 0 ? std::malloc(size) : nullptr;
  if (larger == nullptr && size != 0) return nullptr;
  if (larger != nullptr) std::memcpy(larger, block, std::min(size, malloc_usable_size(block)));
  wiping_free(block, file, line);
  return larger;
}

// Makes malloc() take everything from the one heap that grows by brk(), and reserves it now.
Result<Done> gather_heap() {
  constexpr int kNever = 1 << 30;
  if (mallopt(M_ARENA_MAX, 1) != 1 || mallopt(M_MMAP_MAX, 0) != 1 ||
      mallopt(M_TRIM_THRESHOLD, kNever) != 1) {
    return Error{TOKMAN_E_SYSTEM, "setting up the heap: malloc refused"};
  }
  void* volatile reserved =  // volatile: else g++ sees that no one uses it, and leaves it out.
      std::malloc(kLockedHeapBytes);
  if (reserved == nullptr) return refused("reserving the heap");
  std::free(reserved);
  return Done{};
}

// The address range in a line of /proc/self/maps: "55d0c8a00000-55d0c8e21000 rw-p … [heap]".
Range parse_range(const std::string& line) {
  Range range;
  const char* const end = line.data() + line.size();
  const auto [dash, fault] = std::from_chars(line.data(), end, range.begin, 16);
  if (fault == std::errc() && dash != end) std::from_chars(dash + 1, end, range.end, 16);
  return range;
}

Result<Done> lock(const Range& range, const std::string& name) {
  void* const begin = reinterpret_cast<void*>(range.begin);
  const std::size_t size = range.end - range.begin;
  if (mlock2(begin, size, MLOCK_ONFAULT) != 0) return refused("locking the " + name);
  if (madvise(begin, size, MADV_DONTDUMP) != 0) return refused("keeping dumps from the " + name);
  return Done{};
}

Result<Done> lock_heap_and_stack() {
  int found = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    for (const char* name : {"[heap]", "[stack]"}) {
      if (!line.ends_with(name)) continue;
      if (Result<Done> locked = lock(parse_range(line), name); !locked.ok()) return locked;
      ++found;
    }
  }
  if (found >= 2) return Done{};
  return Error{TOKMAN_E_SYSTEM, "finding heap and stack in /proc/self/maps: one is not there"};
}

}  // namespace

Result<Done> use_locked_memory_for_keys() {
  if (CRYPTO_set_mem_functions(plain_malloc, wiping_realloc, wiping_free) != 1) {
    return Error{TOKMAN_E_SYSTEM, "OpenSSL was already in use"};
  }
  if (Result<Done> gathered = gather_heap(); !gathered.ok()) return gathered;
  return lock_heap_and_stack();
}

}  // namespace tokman
