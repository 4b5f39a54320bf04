// The simulation's checks find what is made wrong on purpose, and the same life is lived again.
#include "tests/simulation/simulation.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Faults {
  static constexpr std::uint64_t kSeeds = 30;

  // What the first life says in which the fault shows; "" if it shows in none.
  static std::string found(PlantedFault fault) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      if (const auto violation = find_violation({.seed = seed, .fault = fault})) return *violation;
    }
    return "";
  }
  static bool finds(PlantedFault fault, const char* what) {
    return found(fault).find(what) != std::string::npos;
  }
};

TEST(Faults, lives_without_a_fault_have_no_violation) {
  assert_string_equal(fixture.found(PlantedFault::none).c_str(), "");
}

TEST(Faults, a_dead_token_is_noticed) {
  const std::string said = fixture.found(PlantedFault::expiry_too_late);
  assert_true(said.find("a dead token") != std::string::npos ||
              said.find("shorter than was asked") != std::string::npos);
}

TEST(Faults, a_forgotten_caller_is_noticed) {
  assert_true(fixture.finds(PlantedFault::answer_swallowed, "a caller is forgotten"));
}

TEST(Faults, a_second_fetch_of_one_token_is_noticed) {
  assert_true(fixture.finds(PlantedFault::fetched_twice, "fetched twice"));
}

TEST(Faults, a_revoked_token_that_is_served_is_noticed) {
  assert_true(fixture.finds(PlantedFault::revoked_alive, "revoked"));
}

TEST(Faults, a_token_that_is_not_audited_is_noticed) {
  assert_true(fixture.finds(PlantedFault::not_audited, "audit log does not know"));
}

TEST(Faults, more_mints_than_the_budget_has_are_noticed) {
  assert_true(fixture.finds(PlantedFault::budget_too_large, "too many mints"));
}

TEST(Faults, a_cache_that_grows_is_noticed) {
  assert_true(fixture.finds(PlantedFault::cache_too_large, "grows without bound"));
}

TEST(Faults, a_seed_is_the_same_life_each_time) {
  const Life life{.seed = 7, .fault = PlantedFault::expiry_too_late};
  assert_true(find_violation(life) == find_violation(life));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Faults, lives_without_a_fault_have_no_violation),
      RUN(Faults, a_dead_token_is_noticed),
      RUN(Faults, a_forgotten_caller_is_noticed),
      RUN(Faults, a_second_fetch_of_one_token_is_noticed),
      RUN(Faults, a_revoked_token_that_is_served_is_noticed),
      RUN(Faults, a_token_that_is_not_audited_is_noticed),
      RUN(Faults, more_mints_than_the_budget_has_are_noticed),
      RUN(Faults, a_cache_that_grows_is_noticed),
      RUN(Faults, a_seed_is_the_same_life_each_time),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
