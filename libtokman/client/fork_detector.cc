#include "libtokman/client/fork_detector.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

namespace tokman {
namespace {

constexpr std::size_t kPageBytes = 4096;

// User-mode emulators accept every advice and follow none; they accept this one, too.
bool kernel_checks_advice(void* page) { return madvise(page, kPageBytes, -1) != 0; }

char* map_page_wiped_on_fork() {
  void* page =
      mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return nullptr;
  if (kernel_checks_advice(page) && madvise(page, kPageBytes, MADV_WIPEONFORK) == 0) {
    return static_cast<char*>(page);
  }
  munmap(page, kPageBytes);
  return nullptr;
}

}  // namespace

ForkDetector::ForkDetector() : page_(map_page_wiped_on_fork()), pid_(getpid()) {
  if (page_ != nullptr) *page_ = 1;
}

ForkDetector::~ForkDetector() {
  if (page_ != nullptr) munmap(const_cast<char*>(page_), kPageBytes);
}

bool ForkDetector::is_in_child() const { return page_ != nullptr ? *page_ == 0 : getpid() != pid_; }

}  // namespace tokman
