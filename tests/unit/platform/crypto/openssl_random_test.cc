#include "daemon/platform/crypto/openssl_random.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Randomness {
  OpenSslRandom random;
};

TEST(Randomness, two_fillings_differ) {
  std::string one(16, '\0');
  std::string other(16, '\0');
  fixture.random.fill(one.data(), one.size());
  fixture.random.fill(other.data(), other.size());
  assert_true(one != other);
}

TEST(Randomness, a_fraction_is_from_zero_up_to_one_and_spread_over_both_halves) {
  int below_half = 0;
  for (int i = 0; i < 1000; ++i) {
    const double fraction = fixture.random.fraction();
    assert_true(fraction >= 0.0 && fraction < 1.0);
    if (fraction < 0.5) ++below_half;
  }
  assert_in_range(below_half, 300, 700);  // Wrong by chance: less than once in 10^35 runs.
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Randomness, two_fillings_differ),
      RUN(Randomness, a_fraction_is_from_zero_up_to_one_and_spread_over_both_halves),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
