#pragma once
// Tells whether this process is a child of the one that made the object.
//
// It costs a memory read: the kernel empties the page in a child (MADV_WIPEONFORK). Where the
// kernel cannot, the process number is compared.
#include <sys/types.h>

namespace tokman {

class ForkDetector {
 public:
  ForkDetector();
  ~ForkDetector();
  ForkDetector(const ForkDetector&) = delete;
  ForkDetector& operator=(const ForkDetector&) = delete;

  bool is_in_child() const;

 private:
  volatile char* page_;  // Null where the kernel cannot empty it.
  pid_t pid_;
};

}  // namespace tokman
