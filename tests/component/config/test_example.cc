// The example of the documentation is a configuration that works.
#include "daemon/services/config/config_loader.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct ExampleFixture {
  LoadedConfig loaded = load_config(TOKMAN_EXAMPLE, ConfigReader::daemon);
};

TEST(ExampleFixture, nothing_but_the_key_files_is_missing) {
  for (const ConfigProblem& problem : fixture.loaded.problems) {
    const std::string text = to_string(problem);
    if (text.find("No such file or directory") == std::string::npos)
      print_error("%s\n", text.c_str());
    assert_true(text.find("No such file or directory") != std::string::npos);
  }
  assert_int_equal(fixture.loaded.problems.size(), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ExampleFixture, nothing_but_the_key_files_is_missing),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
