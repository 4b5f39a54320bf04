#include "daemon/platform/linux/code_pages.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace tokman {
namespace {

int release_object(dl_phdr_info* object, std::size_t, void*) {
  const auto page = static_cast<std::uintptr_t>(::getpagesize());
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    // Addresses that the loader fills in are in writable segments, also where it closes them later.
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t start = object->dlpi_addr + segment.p_vaddr;
    const std::uintptr_t aligned = start - start % page;
    ::madvise(reinterpret_cast<void*>(aligned), start - aligned + segment.p_memsz, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void release_code_pages() { ::dl_iterate_phdr(release_object, nullptr); }

}  // namespace tokman
