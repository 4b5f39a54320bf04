// Preloaded into a program, this machine's wall clock plus as many seconds as a file says.
//
// TOKMAN_CLOCK_STEP names the file: 8 bytes, a signed number of this machine's order. It is mapped
// when the program starts, so that a step reaches a process that may open no files any more. The
// clocks that only count are left alone, as they are when somebody sets the time.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using ClockGettime = int (*)(clockid_t, timespec*);

// The system's own, as the dynamic linker finds it: some sandboxes forbid the bare system call.
ClockGettime find_clock() {
  return reinterpret_cast<ClockGettime>(dlsym(RTLD_NEXT, "clock_gettime"));
}

const volatile std::int64_t* map_step() {
  static const std::int64_t kNone = 0;
  const char* path = std::getenv("TOKMAN_CLOCK_STEP");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return &kNone;
  void* mapped = mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return mapped == MAP_FAILED ? &kNone : static_cast<const std::int64_t*>(mapped);
}

const ClockGettime system_clock_gettime = find_clock();
const volatile std::int64_t* const step_seconds = map_step();

}  // namespace

extern "C" {
#pragma GCC visibility push(default)

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  static const ClockGettime early = find_clock();  // For those who ask before we are initialised.
  const int result = (system_clock_gettime ? system_clock_gettime : early)(clock, now);
  const bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && is_wall && step_seconds != nullptr) now->tv_sec += *step_seconds;
  return result;
}

int gettimeofday(timeval* __restrict now, void* __restrict) noexcept {
  timespec precise{};
  clock_gettime(CLOCK_REALTIME, &precise);
  now->tv_sec = precise.tv_sec;
  now->tv_usec = precise.tv_nsec / 1000;
  return 0;
}

time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

#pragma GCC visibility pop
}  // extern "C"
