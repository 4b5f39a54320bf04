// tokman_simulation [--seeds N] [--first K] [--seed K]: many lives of the daemon, or one again.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "tests/simulation/simulation.h"

int main(int argc, char** argv) {
  CLI::App command("Lives of the daemon in a small world, and what must be true in each.");
  std::uint64_t seeds = 10'000;
  std::uint64_t first = 1;
  std::uint64_t seed = 0;
  tokman::Life life;
  command.add_option("--seeds", seeds, "how many lives");
  command.add_option("--first", first, "the seed of the first");
  command.add_option("--seed", seed, "this one alone, to replay a failure");
  command.add_option("--steps", life.steps, "how long a life is");
  CLI11_PARSE(command, argc, argv);
  if (seed != 0) {
    first = seed;
    seeds = 1;
  }
  for (life.seed = first; life.seed < first + seeds; ++life.seed) {
    const auto violation = tokman::find_violation(life);
    if (!violation) continue;
    fmt::print("seed {}, {}\nreplay: {} --seed {} --steps {}\n", life.seed, *violation, argv[0],
               life.seed, life.steps);
    return 1;
  }
  fmt::print("{} lives of {} steps, seeds {} to {}: everything held\n", seeds, life.steps, first,
             first + seeds - 1);
  return 0;
}
