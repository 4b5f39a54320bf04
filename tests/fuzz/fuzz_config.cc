// Configuration text gives a configuration or complaints, each with its place; never both.
#include "daemon/services/config/config_loader.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto loaded = tokman::parse_config_text(tokman::as_text(data, size), "fuzz.toml");
  tokman::must_hold((loaded.config != nullptr) == loaded.problems.empty());
  for (const tokman::ConfigProblem& problem : loaded.problems) {
    tokman::must_hold(problem.place.file == "fuzz.toml" && !problem.message.empty());
  }
  if (loaded.config) tokman::must_hold(!loaded.config->daemon.socket.empty());
  return 0;
}
