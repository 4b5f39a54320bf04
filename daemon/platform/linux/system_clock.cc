#include "daemon/platform/linux/system_clock.h"

#include <time.h>

#include <fstream>

namespace tokman {

Instant SystemClock::now() const {
  timespec time{};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  const auto since_boot =
      std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  return Instant(std::chrono::duration_cast<Instant::duration>(since_boot));
}

UnixTime SystemClock::unix_now() const {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string this_boot() {
  constexpr std::size_t kIdBytes = 36;
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  return std::getline(file, id) && id.size() == kIdBytes ? id : "";
}

}  // namespace tokman
