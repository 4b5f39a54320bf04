// GF-15, GF-22: whose history a caller may read.
#include "daemon/domain/access/history_rules.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Reader {
  AccessCaller caller{.username = "packit", .scopes = {"user:token"}};
  HistoryFilter filter;

  tokman_error narrow(const HistoryWish& wish) {
    const Result<Done> narrowed = narrow_history(caller, wish, filter);
    return narrowed.ok() ? TOKMAN_OK : narrowed.error().code;
  }
};

TEST(Reader, reads_its_own_unless_it_says_otherwise) {
  assert_int_equal(fixture.narrow({}), TOKMAN_OK);
  assert_string_equal(fixture.filter.username.c_str(), "packit");
}

TEST(Reader, may_name_itself) {
  assert_int_equal(fixture.narrow({.username = "packit"}), TOKMAN_OK);
}

TEST(Reader, needs_user_token_for_its_own) {
  fixture.caller.scopes = {"github:token"};
  assert_int_equal(fixture.narrow({}), TOKMAN_E_DENIED);
}

TEST(Reader, needs_admin_token_for_another_user) {
  assert_int_equal(fixture.narrow({.username = "other"}), TOKMAN_E_DENIED);
  fixture.caller.scopes = {"admin:token"};
  assert_int_equal(fixture.narrow({.username = "other"}), TOKMAN_OK);
  assert_string_equal(fixture.filter.username.c_str(), "other");
}

TEST(Reader, needs_admin_token_for_all) {
  assert_int_equal(fixture.narrow({.all = true}), TOKMAN_E_DENIED);
  fixture.caller.scopes = {"admin:token"};
  assert_int_equal(fixture.narrow({.all = true}), TOKMAN_OK);
  assert_true(fixture.filter.username.empty());
}

TEST(Reader, of_a_key_is_held_to_its_own_name_even_if_it_asks_for_all) {
  fixture.filter.key = "some key";
  assert_int_equal(fixture.narrow({.all = true}), TOKMAN_OK);
  assert_string_equal(fixture.filter.username.c_str(), "packit");
}

TEST(Reader, with_admin_token_reads_any_key) {
  fixture.caller.scopes = {"admin:token"};
  fixture.filter.key = "some key";
  assert_int_equal(fixture.narrow({}), TOKMAN_OK);
  assert_true(fixture.filter.username.empty());
}

TEST(Reader, without_a_name_has_no_history_of_its_own) {
  fixture.caller.username = "";
  assert_int_equal(fixture.narrow({}), TOKMAN_E_DENIED);
  fixture.filter.key = "some key";
  assert_int_equal(fixture.narrow({}), TOKMAN_E_DENIED);
}

TEST(Reader, needs_admin_client_or_admin_token_for_clients) {
  fixture.filter.client = "worker";
  assert_int_equal(fixture.narrow({}), TOKMAN_E_DENIED);
  for (const char* scope : {"admin:client", "admin:token"}) {
    fixture.caller.scopes = {scope};
    fixture.filter = {.client = "worker"};
    assert_int_equal(fixture.narrow({}), TOKMAN_OK);
    assert_true(fixture.filter.kinds == std::set{HistoryKind::client});
  }
}

TEST(Reader, with_admin_client_alone_reads_nothing_of_tokens) {
  fixture.caller.scopes = {"admin:client"};
  assert_int_equal(fixture.narrow({.all = true}), TOKMAN_E_DENIED);
  assert_int_equal(fixture.narrow({}), TOKMAN_E_DENIED);
  fixture.filter.kinds = {HistoryKind::client};
  assert_int_equal(fixture.narrow({}), TOKMAN_OK);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Reader, reads_its_own_unless_it_says_otherwise),
      RUN(Reader, may_name_itself),
      RUN(Reader, needs_user_token_for_its_own),
      RUN(Reader, needs_admin_token_for_another_user),
      RUN(Reader, needs_admin_token_for_all),
      RUN(Reader, of_a_key_is_held_to_its_own_name_even_if_it_asks_for_all),
      RUN(Reader, with_admin_token_reads_any_key),
      RUN(Reader, without_a_name_has_no_history_of_its_own),
      RUN(Reader, needs_admin_client_or_admin_token_for_clients),
      RUN(Reader, with_admin_client_alone_reads_nothing_of_tokens),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
