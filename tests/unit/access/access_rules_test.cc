// when a child is given again, to the second, where its parent ends soon or lived shorter.
#include "daemon/domain/access/access_rules.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr UnixTime kNow{1'800'000'000s};

struct Reuse {
  AccessTokenInfo parent{.key = "p", .username = "packit", .created = kNow};
  AccessTokenInfo child{.key = "c",
                        .type = TokenType::notebook,
                        .username = "packit",
                        .created = kNow,
                        .expires = kNow + 1000s,
                        .parent = "p"};
  AccessTerms terms{.token_lifetime = 1000s};
  std::optional<std::chrono::seconds> minimum;

  bool is_reused(std::chrono::seconds after) const {
    const ChildTokenRequest request{.type = TokenType::notebook, .minimum_lifetime = minimum};
    const auto fresh = new_child_token(parent, request, terms, kNow + after);
    return can_reuse_child(child, parent, fresh.value(), minimum, kNow + after);
  }
};

TEST(Reuse, half_of_the_life_is_enough) {
  assert_true(fixture.is_reused(499s));
  assert_true(fixture.is_reused(500s));
  assert_false(fixture.is_reused(501s));
}

TEST(Reuse, half_of_an_odd_life_is_not_rounded) {
  fixture.terms.token_lifetime = 999s;
  fixture.child.expires = kNow + 999s;
  assert_true(fixture.is_reused(499s));
  assert_false(fixture.is_reused(500s));
}

TEST(Reuse, what_was_asked_for_is_enough_also_where_it_is_less_than_half) {
  fixture.minimum = 300s;
  assert_true(fixture.is_reused(699s));
  assert_true(fixture.is_reused(700s));
  assert_false(fixture.is_reused(701s));
}

TEST(Reuse, what_was_asked_for_is_needed_also_where_it_is_more_than_half) {
  fixture.minimum = 700s;
  assert_true(fixture.is_reused(300s));
  assert_false(fixture.is_reused(301s));
}

TEST(Reuse, no_more_is_needed_than_the_parent_has_left) {
  fixture.parent.expires = kNow + 1000s;
  assert_true(fixture.is_reused(700s));
  fixture.parent.expires = kNow + 1001s;
  assert_false(fixture.is_reused(700s));
}

TEST(Reuse, a_child_of_a_parent_that_was_short_of_life_is_measured_by_a_fresh_one) {
  fixture.child.expires = kNow + 400s;
  assert_false(fixture.is_reused(0s));
  fixture.child.expires = kNow + 500s;
  assert_true(fixture.is_reused(0s));
}

TEST(Reuse, an_expired_child_is_none) {
  fixture.child.expires = kNow;
  assert_false(fixture.is_reused(0s));
}

TEST(Reuse, another_type_service_parent_or_set_of_scopes_is_another_token) {
  const AccessTokenInfo child = fixture.child;
  fixture.child.type = TokenType::internal;
  assert_false(fixture.is_reused(0s));
  fixture.child = child;
  fixture.child.service = "web";
  assert_false(fixture.is_reused(0s));
  fixture.child = child;
  fixture.child.parent = "q";
  assert_false(fixture.is_reused(0s));
  fixture.child = child;
  fixture.child.scopes = {"read:all"};
  assert_false(fixture.is_reused(0s));
  fixture.child = child;
  assert_true(fixture.is_reused(0s));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Reuse, half_of_the_life_is_enough),
      RUN(Reuse, half_of_an_odd_life_is_not_rounded),
      RUN(Reuse, what_was_asked_for_is_enough_also_where_it_is_less_than_half),
      RUN(Reuse, what_was_asked_for_is_needed_also_where_it_is_more_than_half),
      RUN(Reuse, no_more_is_needed_than_the_parent_has_left),
      RUN(Reuse, a_child_of_a_parent_that_was_short_of_life_is_measured_by_a_fresh_one),
      RUN(Reuse, an_expired_child_is_none),
      RUN(Reuse, another_type_service_parent_or_set_of_scopes_is_another_token),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
