// Requests in normal form: equal meaning is equal, and nothing can grow to mean more.
#include "daemon/domain/github/token_request.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using Names = std::vector<std::string>;

struct RequestFixture {
  TokenParameters parameters = {.target = "octo-org/hello",
                                .app = {},
                                .permissions = {},
                                .repositories = {},
                                .min_lifetime_s = {},
                                .priority = {}};

  TokenRequest request() const { return normalize(parameters).value(); }
  std::string refused_field() const {
    const Result<TokenRequest> result = normalize(parameters);
    return result.ok() ? "" : result.error().field;
  }
  bool refuses_target(const std::string& target) {
    parameters.target = target;
    return refused_field() == "target";
  }
};

TEST(RequestFixture, a_repository_is_taken_apart) {
  assert_string_equal(fixture.request().owner.c_str(), "octo-org");
  assert_string_equal(fixture.request().repositories.at(0).c_str(), "hello");
}

TEST(RequestFixture, an_owner_means_the_whole_installation) {
  fixture.parameters.target = "octo-org";
  assert_true(fixture.request().repositories.empty());
}

TEST(RequestFixture, letter_case_makes_no_difference) {
  fixture.parameters.target = "Octo-Org/HELLO";
  assert_string_equal(fixture.request().target().c_str(), "octo-org/hello");
}

TEST(RequestFixture, targets_that_github_cannot_have_are_refused) {
  for (const char* target : {"", "/", "a/", "/b", "a/b/c", "a/..", "../b", ".", "a b", "a/b?c",
                             "a/b%2fc", "a\\b", "a/*", "https://github.com/a/b"}) {
    assert_true(fixture.refuses_target(target));
  }
}

TEST(RequestFixture, a_name_that_is_too_long_is_refused) {
  assert_false(fixture.refuses_target("a/" + std::string(100, 'x')));
  assert_true(fixture.refuses_target("a/" + std::string(101, 'x')));
}

TEST(RequestFixture, a_nul_in_a_target_is_refused) {
  assert_true(fixture.refuses_target(std::string("a/b\0c", 5)));
}

TEST(RequestFixture, order_and_repetition_of_repositories_make_no_difference) {
  fixture.parameters.repositories = Names{"World", "hello", "world"};
  const std::vector<std::string> expected = {"hello", "world"};
  assert_true(fixture.request().repositories == expected);
}

TEST(RequestFixture, repositories_are_added_to_that_of_the_target) {
  fixture.parameters.repositories = Names{"world"};
  assert_int_equal(fixture.request().repositories.size(), 2);
}

TEST(RequestFixture, an_empty_list_of_repositories_does_not_mean_all) {
  fixture.parameters.repositories.emplace();
  assert_string_equal(fixture.refused_field().c_str(), "repositories");
}

TEST(RequestFixture, a_repository_with_its_owner_is_refused) {
  fixture.parameters.repositories = Names{"octo-org/world"};
  assert_string_equal(fixture.refused_field().c_str(), "repositories");
}

TEST(RequestFixture, more_repositories_than_github_takes_are_refused) {
  Names names(501);
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = "r" + std::to_string(i);
  fixture.parameters.target = "octo-org";
  fixture.parameters.repositories = names;
  assert_string_equal(fixture.refused_field().c_str(), "repositories");
  names.pop_back();
  fixture.parameters.repositories = names;
  assert_string_equal(fixture.refused_field().c_str(), "");
}

TEST(RequestFixture, empty_permissions_do_not_mean_all) {
  fixture.parameters.permissions.emplace();
  assert_string_equal(fixture.refused_field().c_str(), "permissions");
}

TEST(RequestFixture, an_unknown_level_is_refused) {
  fixture.parameters.permissions = std::map<std::string, std::string>{{"contents", "all"}};
  assert_string_equal(fixture.refused_field().c_str(), "permissions");
}

TEST(RequestFixture, what_is_left_out_stays_out) {
  assert_false(fixture.request().permissions.has_value());
  assert_false(fixture.request().min_lifetime.has_value());
  assert_false(fixture.request().app.has_value());
}

TEST(RequestFixture, a_lifetime_up_to_55_minutes_can_be_asked_for) {
  fixture.parameters.min_lifetime_s = 3300;
  assert_int_equal(fixture.request().min_lifetime->count(), 3300);
}

TEST(RequestFixture, a_priority_from_0_to_1000_can_be_asked_for) {
  assert_int_equal(fixture.request().priority, 0);
  fixture.parameters.priority = 1000;
  assert_int_equal(fixture.request().priority, 1000);
}

TEST(RequestFixture, another_priority_is_refused) {
  for (const std::int64_t priority : {-1, 1001}) {
    fixture.parameters.priority = priority;
    assert_string_equal(fixture.refused_field().c_str(), "priority");
  }
}

TEST(RequestFixture, a_longer_lifetime_is_refused_at_once) {
  fixture.parameters.min_lifetime_s = 3301;
  assert_int_equal(normalize(fixture.parameters).error().code, TOKMAN_E_LIFETIME_UNSATISFIABLE);
}

TEST(RequestFixture, a_negative_lifetime_is_refused) {
  fixture.parameters.min_lifetime_s = -1;
  assert_string_equal(fixture.refused_field().c_str(), "min_lifetime");
}

TEST(RequestFixture, the_target_of_several_repositories_is_their_owner) {
  fixture.parameters.repositories = Names{"world"};
  assert_string_equal(fixture.request().target().c_str(), "octo-org");
}

TEST(RequestFixture, a_rejected_token_is_named_by_its_fingerprint) {
  fixture.parameters.rejected = std::string(43, 'A') + "=";
  assert_true(fixture.request().rejected == fixture.parameters.rejected);
}

TEST(RequestFixture, what_is_no_fingerprint_is_refused) {
  for (const std::string& text : {std::string(), std::string(44, 'A'), std::string(43, '!') + "=",
                                  std::string(44, 'A') + "="}) {
    fixture.parameters.rejected = text;
    assert_string_equal(fixture.refused_field().c_str(), "rejected");
  }
}

TEST(RequestFixture, an_exclusive_token_is_one_only_if_it_is_asked_for) {
  assert_false(fixture.request().is_exclusive);
  fixture.parameters.exclusive = true;
  assert_true(fixture.request().is_exclusive);
}

TEST(RequestFixture, an_exclusive_token_has_nothing_to_reject) {
  fixture.parameters.exclusive = true;
  fixture.parameters.rejected = std::string(43, 'A') + "=";
  assert_string_equal(fixture.refused_field().c_str(), "rejected");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RequestFixture, a_repository_is_taken_apart),
      RUN(RequestFixture, an_owner_means_the_whole_installation),
      RUN(RequestFixture, letter_case_makes_no_difference),
      RUN(RequestFixture, targets_that_github_cannot_have_are_refused),
      RUN(RequestFixture, a_name_that_is_too_long_is_refused),
      RUN(RequestFixture, a_nul_in_a_target_is_refused),
      RUN(RequestFixture, order_and_repetition_of_repositories_make_no_difference),
      RUN(RequestFixture, repositories_are_added_to_that_of_the_target),
      RUN(RequestFixture, an_empty_list_of_repositories_does_not_mean_all),
      RUN(RequestFixture, a_repository_with_its_owner_is_refused),
      RUN(RequestFixture, more_repositories_than_github_takes_are_refused),
      RUN(RequestFixture, empty_permissions_do_not_mean_all),
      RUN(RequestFixture, an_unknown_level_is_refused),
      RUN(RequestFixture, what_is_left_out_stays_out),
      RUN(RequestFixture, a_lifetime_up_to_55_minutes_can_be_asked_for),
      RUN(RequestFixture, a_priority_from_0_to_1000_can_be_asked_for),
      RUN(RequestFixture, another_priority_is_refused),
      RUN(RequestFixture, a_longer_lifetime_is_refused_at_once),
      RUN(RequestFixture, a_negative_lifetime_is_refused),
      RUN(RequestFixture, the_target_of_several_repositories_is_their_owner),
      RUN(RequestFixture, a_rejected_token_is_named_by_its_fingerprint),
      RUN(RequestFixture, what_is_no_fingerprint_is_refused),
      RUN(RequestFixture, an_exclusive_token_is_one_only_if_it_is_asked_for),
      RUN(RequestFixture, an_exclusive_token_has_nothing_to_reject),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
