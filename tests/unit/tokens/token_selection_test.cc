// What happened at GitHub concerns these tokens, and no others.
#include "daemon/domain/tokens/token_selection.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Selections {};

TEST(Selections, an_app_alone_selects_all_of_its_tokens) {
  assert_true(TokenSelection{"ci"}.concerns("ci", 1, {"hello-world"}));
  assert_true(TokenSelection{"ci"}.concerns("ci", 2, {}));
}

TEST(Selections, a_token_of_another_app_is_never_concerned) {
  assert_false(TokenSelection{"ci"}.concerns("cd", 1, {}));
}

TEST(Selections, an_installation_selects_its_own_tokens_only) {
  assert_true(TokenSelection({"ci", 1}).concerns("ci", 1, {"hello-world"}));
  assert_false(TokenSelection({"ci", 1}).concerns("ci", 2, {"hello-world"}));
}

TEST(Selections, a_repository_selects_the_tokens_that_reach_it) {
  const TokenSelection selection{"ci", 1, {"hello-world"}};
  assert_true(selection.concerns("ci", 1, {"hello-world", "spoon-knife"}));
  assert_false(selection.concerns("ci", 1, {"spoon-knife"}));
}

TEST(Selections, a_token_for_the_whole_installation_reaches_every_repository) {
  assert_true(TokenSelection({"ci", 1, {"hello-world"}}).concerns("ci", 1, {}));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Selections, an_app_alone_selects_all_of_its_tokens),
      RUN(Selections, a_token_of_another_app_is_never_concerned),
      RUN(Selections, an_installation_selects_its_own_tokens_only),
      RUN(Selections, a_repository_selects_the_tokens_that_reach_it),
      RUN(Selections, a_token_for_the_whole_installation_reaches_every_repository),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
