#include "daemon/platform/linux/code_pages.h"

#include <fstream>
#include <string>

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

struct Process {
  // Pages of files that are in memory: "RssFile: 4540 kB".
  long file_kilobytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("RssFile:")) return std::stol(line.substr(8));
    }
    return 0;
  }
};

TEST(Process, releasing_code_pages_makes_it_smaller) {
  const long before = fixture.file_kilobytes();
  release_code_pages();
  assert_true(fixture.file_kilobytes() < before);
}

TEST(Process, what_was_released_comes_back_when_it_is_used) {
  release_code_pages();
  assert_true(fixture.file_kilobytes() > 0);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Process, releasing_code_pages_makes_it_smaller),
      RUN(Process, what_was_released_comes_back_when_it_is_used),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
