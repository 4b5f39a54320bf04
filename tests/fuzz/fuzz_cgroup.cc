// A process chooses the names of its groups: whatever it is called, a unit is a plain name.
#include "daemon/platform/linux/cgroup.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto unit = tokman::unit_of_cgroup(tokman::as_text(data, size));
  if (!unit) return 0;
  tokman::must_hold(!unit->empty() && unit->find('/') == std::string::npos);
  tokman::must_hold(unit->find('\n') == std::string::npos);
  return 0;
}
