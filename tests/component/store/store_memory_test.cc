// Ten thousand stored tokens, and what of them is in memory.
#include <cstdio>
#include <fstream>

#include "daemon/services/store/token_store.h"
#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr int kTokens = 10'000;
constexpr std::size_t kGrowthMaxKib = 4 * 1024;

struct StoreMemory : StoreWorld {
  TokenStore tokens{*database, *revocations, *writer, log};
  std::size_t before = resident_kib();

  static std::size_t resident_kib() {
    std::ifstream status("/proc/self/status");
    std::size_t kib = 0;
    for (std::string line; std::getline(status, line);) {
      if (std::sscanf(line.c_str(), "VmRSS: %zu", &kib) == 1) break;
    }
    return kib;
  }

  static std::string key(int number) { return "key " + std::to_string(number); }

  void put_all() {
    for (int number = 0; number < kTokens; ++number) {
      StoredToken stored;
      stored.token = SecretBytes(std::string(400, 't'));
      stored.app = "ci";
      stored.owner = "octo-org";
      stored.granted.set("contents", AccessLevel::write);
      stored.granted_repositories = {"octo-org/hello-world"};
      tokens.put(key(number), stored);
      if (number % 200 == 0) write_all();
    }
    write_all();
  }
  int find_all() {
    int found = 0;
    for (int number = 0; number < kTokens; ++number) {
      if (tokens.find(key(number)).value()) ++found;
    }
    return found;
  }
};

TEST(StoreMemory, ten_thousand_tokens_stay_on_disk_when_written_and_when_read) {
  fixture.put_all();
  assert_in_range(StoreMemory::resident_kib(), 0, fixture.before + kGrowthMaxKib);
  assert_int_equal(fixture.find_all(), kTokens);
  assert_in_range(StoreMemory::resident_kib(), 0, fixture.before + kGrowthMaxKib);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(StoreMemory, ten_thousand_tokens_stay_on_disk_when_written_and_when_read),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
