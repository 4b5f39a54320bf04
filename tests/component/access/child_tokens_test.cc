// Notebook, internal and oidc tokens: what they get of their parent, and when one is given again.
#include <set>

#include "tests/component/access/access_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct Children : AccessWorld {
  AccessTokenInfo parent =
      create_session(user("packit", {"github:token", "user:token", "read:all"})).value().info;

  AccessTokenInfo user_token(WantedExpiry expiry) {
    return create_user(user("packit", {"github:token", "admin:token"}),
                       {.name = "t", .scopes = {"github:token"}, .expiry = expiry})
        .value()
        .info;
  }
  std::string key_of(const ChildTokenRequest& request) {
    return child_of(parent, request).value().info.key;
  }
  std::string key_of(const AccessTokenInfo& of, const ChildTokenRequest& request) {
    return child_of(of, request).value().info.key;
  }
  static ChildTokenRequest lasting(std::chrono::seconds minimum) {
    ChildTokenRequest request = notebook();
    request.minimum_lifetime = minimum;
    return request;
  }
};

// GF-2
TEST(Children, a_notebook_token_has_all_scopes_of_its_parent_and_ends_with_it) {
  fixture.pass(1h);
  const auto issued = fixture.child_of(fixture.parent, Children::notebook());
  const AccessTokenInfo& info = issued.value().info;
  assert_true(info.type == TokenType::notebook);
  assert_string_equal(info.username.c_str(), "packit");
  assert_string_equal(info.parent.c_str(), fixture.parent.key.c_str());
  assert_true(info.scopes == fixture.parent.scopes);
  assert_true(info.expires == fixture.parent.expires);
  assert_true(fixture.data_of(issued.value().token) == info);
  assert_true(fixture.history().back().token == info);
  assert_string_equal(fixture.history().back().actor.name.c_str(), "packit");
}

TEST(Children, an_internal_token_is_for_one_service_with_the_scopes_asked_for) {
  const auto issued = fixture.child_of(fixture.parent, Children::internal({"read:all"}, "web"));
  const AccessTokenInfo& info = issued.value().info;
  assert_true(info.type == TokenType::internal);
  assert_string_equal(info.service.c_str(), "web");
  assert_true(info.scopes == ScopeNames{"read:all"});
  assert_true(fixture.data_of(issued.value().token) == info);
}

TEST(Children, an_oidc_token_has_no_scopes_and_is_always_new) {
  const AccessTokenInfo never = fixture.user_token({.never = NoExpiry::yes});
  const auto first = fixture.child_of(never, Children::oidc());
  assert_true(first.value().info.scopes.empty());
  assert_true(first.value().info.expires == fixture.now() + 24h);
  assert_string_not_equal(fixture.key_of(never, Children::oidc()).c_str(),
                          first.value().info.key.c_str());
}

TEST(Children, a_child_may_have_children) {
  const AccessTokenInfo notebook =
      fixture.child_of(fixture.parent, Children::notebook()).value().info;
  const AccessTokenInfo internal = fixture.child_of(notebook, Children::internal()).value().info;
  assert_string_equal(internal.parent.c_str(), notebook.key.c_str());
}

// GF-3
TEST(Children, the_same_request_gets_the_same_token) {
  for (const ChildTokenRequest& request :
       {Children::notebook(), Children::internal(), Children::internal({})}) {
    const auto first = fixture.child_of(fixture.parent, request);
    const auto again = fixture.child_of(fixture.parent, request);
    assert_true(first.value().token.reveal() == again.value().token.reveal());
    fixture.restart();
    const auto after_restart = fixture.child_of(fixture.parent, request);
    assert_true(first.value().token.reveal() == after_restart.value().token.reveal());
  }
}

TEST(Children, a_token_that_is_given_again_is_not_written_again) {
  fixture.child_of(fixture.parent, Children::notebook()).value();
  const std::size_t rows = fixture.history().size();
  const OperationPtr operation = fixture.tokens->get_child_token(
      AccessWorld::holder(fixture.parent), Children::notebook(), [](const Result<IssuedToken>&) {});
  assert_int_equal(fixture.write_all(), 0);
  assert_int_equal(fixture.history().size(), rows);
}

TEST(Children, another_service_or_other_scopes_get_another_token) {
  const std::set<std::string> keys = {
      fixture.key_of(Children::internal({"read:all"}, "web")),
      fixture.key_of(Children::internal({"read:all"}, "hub")),
      fixture.key_of(Children::internal({}, "web")),
      fixture.key_of(Children::internal({"read:all", "user:token"}, "web")),
      fixture.key_of(Children::notebook()),
  };
  assert_int_equal(keys.size(), 5);
}

TEST(Children, of_several_alike_the_one_that_lives_longest_is_given) {
  AccessTokenRecord twin;
  twin.info = fixture.child_of(fixture.parent, Children::notebook()).value().info;
  twin.info.key = "AAAAAAAAAAAAAAAAAAAAAA";
  twin.secret = SecretBytes("WlpaWlpaWlpaWlpaWlpaWg");
  twin.info.expires = *twin.info.expires - 1s;
  (void)fixture.database->store().write(
      [&](WriteTxn& txn) { return AccessTokenTable(*fixture.database).put(txn, twin); });
  assert_string_not_equal(fixture.key_of(Children::notebook()).c_str(), twin.info.key.c_str());
}

TEST(Children, the_child_of_a_token_that_never_expires_does) {
  const AccessTokenInfo never = fixture.user_token({.never = NoExpiry::yes});
  const auto child = fixture.child_of(never, Children::notebook());
  assert_true(child.value().info.expires == fixture.now() + 24h);
}

// GF-4: both ways.
TEST(Children, a_scope_that_the_parent_lacks_is_refused) {
  const auto refused = fixture.child_of(fixture.parent, Children::internal({"admin:token"}));
  assert_int_equal(refused.error().code, TOKMAN_E_DENIED);
  assert_string_equal(refused.error().field.c_str(), "scopes");
}

TEST(Children, scopes_that_the_parent_lacks_are_dropped_where_that_was_asked_for) {
  ChildTokenRequest request = Children::internal({"admin:token", "read:all"});
  request.on_missing_scope = OnMissingScope::drop;
  const AccessTokenInfo info = fixture.child_of(fixture.parent, request).value().info;
  assert_true(info.scopes == ScopeNames{"read:all"});
  assert_string_equal(fixture.key_of(Children::internal({"read:all"})).c_str(), info.key.c_str());
  request.scopes = {"admin:token"};
  assert_true(fixture.child_of(fixture.parent, request).value().info.scopes.empty());
}

// GF-11: the token has it, the configuration no longer.
TEST(Children, a_scope_that_there_is_no_more_is_refused) {
  fixture.terms.scopes.erase("read:all");
  const auto refused = fixture.child_of(fixture.parent, Children::internal({"read:all"}));
  assert_int_equal(refused.error().code, TOKMAN_E_INVALID_ARGUMENT);
  assert_string_equal(refused.error().field.c_str(), "scopes");
}

TEST(Children, a_service_must_have_a_name) {
  for (const char* name : {"", "a b", "abc\n", "a/b"}) {
    const auto refused = fixture.child_of(fixture.parent, Children::internal({}, name));
    assert_string_equal(refused.error().field.c_str(), "service");
  }
}

// GF-5
TEST(Children, the_child_of_a_short_lived_parent_ends_with_it_and_is_given_again) {
  const AccessTokenInfo parent = fixture.user_token({.at = fixture.now() + 1h});
  const AccessTokenInfo child = fixture.child_of(parent, Children::notebook()).value().info;
  assert_true(child.expires == parent.expires);
  fixture.pass(50min);
  assert_string_equal(fixture.key_of(parent, Children::notebook()).c_str(), child.key.c_str());
}

TEST(Children, when_a_parent_is_to_live_longer_its_next_child_does) {
  const AccessTokenInfo parent = fixture.user_token({.at = fixture.now() + 1h});
  const std::string first = fixture.key_of(parent, Children::notebook());
  const TokenEdit longer{.expiry = {.at = fixture.now() + 48h}};
  fixture.modify(AccessWorld::admin(), parent.key, longer).value();
  const AccessTokenInfo second = fixture.child_of(parent, Children::notebook()).value().info;
  assert_string_not_equal(second.key.c_str(), first.c_str());
  assert_true(second.expires == fixture.now() + 24h);
  const TokenEdit forever{.expiry = {.never = NoExpiry::yes}};
  fixture.modify(AccessWorld::admin(), parent.key, forever).value();
  assert_string_equal(fixture.key_of(parent, Children::notebook()).c_str(), second.key.c_str());
}

// GF-6, X-14: to the second.
TEST(Children, a_child_is_given_again_until_half_of_its_life_is_over) {
  const AccessTokenInfo never = fixture.user_token({.never = NoExpiry::yes});
  const std::string first = fixture.key_of(never, Children::notebook());
  fixture.pass(12h - 1s);
  assert_string_equal(fixture.key_of(never, Children::notebook()).c_str(), first.c_str());
  fixture.pass(1s);
  assert_string_equal(fixture.key_of(never, Children::notebook()).c_str(), first.c_str());
  fixture.pass(1s);
  assert_string_not_equal(fixture.key_of(never, Children::notebook()).c_str(), first.c_str());
}

TEST(Children, a_child_is_given_again_while_it_has_the_lifetime_that_was_asked_for) {
  const AccessTokenInfo never = fixture.user_token({.never = NoExpiry::yes});
  const std::string first = fixture.key_of(never, Children::notebook());
  fixture.pass(23h - 1s);
  assert_string_equal(fixture.key_of(never, Children::lasting(1h)).c_str(), first.c_str());
  fixture.pass(1s);
  assert_string_equal(fixture.key_of(never, Children::lasting(1h)).c_str(), first.c_str());
  fixture.pass(1s);
  assert_string_not_equal(fixture.key_of(never, Children::lasting(1h)).c_str(), first.c_str());
}

TEST(Children, a_child_that_was_deleted_is_not_given_again) {
  const std::string first = fixture.key_of(Children::notebook());
  fixture.remove(AccessWorld::user("packit"), first).value();
  assert_string_not_equal(fixture.key_of(Children::notebook()).c_str(), first.c_str());
}

// GF-8
TEST(Children, a_lifetime_that_no_child_can_have_is_refused_with_the_bounds) {
  struct Case {
    std::chrono::seconds minimum;
    bool is_accepted;
  };
  const AccessTokenInfo never = fixture.user_token({.never = NoExpiry::yes});
  const Case cases[] = {{-1s, false}, {0s, false},        {299s, false},
                        {300s, true}, {24h - 300s, true}, {24h - 299s, false}};
  for (const Case& one : cases) {
    const auto issued = fixture.child_of(never, Children::lasting(one.minimum));
    assert_int_equal(issued.ok(), one.is_accepted);
    if (issued.ok()) continue;
    assert_int_equal(issued.error().code, TOKMAN_E_INVALID_ARGUMENT);
    assert_string_equal(issued.error().field.c_str(), "minimum_lifetime");
    assert_non_null(strstr(issued.error().message.c_str(), "300 to 86100"));
  }
}

TEST(Children, a_lifetime_that_the_parent_has_not_is_refused_as_too_short) {
  const AccessTokenInfo parent = fixture.user_token({.at = fixture.now() + 1h});
  assert_true(fixture.child_of(parent, Children::lasting(1h)).ok());
  const auto refused = fixture.child_of(parent, Children::lasting(1h + 1s));
  assert_int_equal(refused.error().code, TOKMAN_E_LIFETIME_TOO_SHORT);
}

TEST(Children, a_parent_near_its_end_has_no_children_though_it_is_good_itself) {
  const auto parent = fixture.create_user(AccessWorld::user("packit"),
                                          {.name = "t", .expiry = {.at = fixture.now() + 1h}});
  fixture.pass(55min);
  assert_true(fixture.child_of(parent.value().info, Children::notebook()).ok());
  fixture.pass(1s);
  for (const ChildTokenRequest& request :
       {Children::notebook(), Children::internal({}), Children::oidc()}) {
    assert_int_equal(fixture.child_of(parent.value().info, request).error().code,
                     TOKMAN_E_LIFETIME_TOO_SHORT);
  }
  assert_true(fixture.data_of(parent.value().token).has_value());
}

// GF-7
TEST(Children, a_hundred_who_ask_at_once_get_one_token) {
  const AccessTokenInfo other = fixture.create_session(AccessWorld::user("packit")).value().info;
  std::set<std::string> given[2];
  for (int i = 0; i < 200; ++i) {
    const AccessTokenInfo& parent = i % 2 == 0 ? fixture.parent : other;
    fixture.operations.push_back(
        fixture.tokens->get_child_token(AccessWorld::holder(parent), Children::notebook(),
                                        [&given, i](const Result<IssuedToken>& issued) {
                                          given[i % 2].emplace(issued.value().token.reveal());
                                        }));
  }
  fixture.settle();
  assert_int_equal(given[0].size(), 1);
  assert_int_equal(given[1].size(), 1);
  assert_true(given[0] != given[1]);
}

TEST(Children, nothing_is_made_of_a_parent_that_is_deleted_meanwhile) {
  const AccessCaller packit = AccessWorld::user("packit");
  fixture.operations.push_back(fixture.tokens->delete_token(
      packit, fixture.parent.key, std::nullopt, [](const Result<std::int64_t>&) {}));
  std::optional<Error> refused;
  fixture.operations.push_back(fixture.tokens->get_child_token(
      AccessWorld::holder(fixture.parent), Children::notebook(),
      [&](const Result<IssuedToken>& issued) { refused = issued.error(); }));
  fixture.settle();
  assert_int_equal(refused->code, TOKMAN_E_UNAUTHENTICATED);
  assert_string_equal(refused->field.c_str(), "auth");
}

TEST(Children, nothing_is_made_of_a_parent_that_has_expired) {
  fixture.pass(24h);
  assert_int_equal(fixture.child_of(fixture.parent, Children::notebook()).error().code,
                   TOKMAN_E_TOKEN_EXPIRED);
}

TEST(Children, a_caller_without_a_token_has_no_children) {
  const auto refused = fixture.answer_to<IssuedToken>([&](auto callback) {
    return fixture.tokens->get_child_token(AccessWorld::user("packit"), Children::notebook(),
                                           std::move(callback));
  });
  assert_int_equal(refused.error().code, TOKMAN_E_UNAUTHENTICATED);
  assert_string_equal(refused.error().field.c_str(), "auth");
}

TEST(Children, the_children_of_a_parent_are_bounded) {
  for (std::size_t i = 0; i < TokenDecision::kChildrenMax; ++i) {
    fixture.operations.push_back(fixture.tokens->get_child_token(
        AccessWorld::holder(fixture.parent), Children::oidc(), [](const Result<IssuedToken>&) {}));
  }
  fixture.settle();
  assert_int_equal(fixture.child_of(fixture.parent, Children::oidc()).error().code, TOKMAN_E_BUSY);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Children, a_notebook_token_has_all_scopes_of_its_parent_and_ends_with_it),
      RUN(Children, an_internal_token_is_for_one_service_with_the_scopes_asked_for),
      RUN(Children, an_oidc_token_has_no_scopes_and_is_always_new),
      RUN(Children, a_child_may_have_children),
      RUN(Children, the_same_request_gets_the_same_token),
      RUN(Children, a_token_that_is_given_again_is_not_written_again),
      RUN(Children, another_service_or_other_scopes_get_another_token),
      RUN(Children, of_several_alike_the_one_that_lives_longest_is_given),
      RUN(Children, the_child_of_a_token_that_never_expires_does),
      RUN(Children, a_scope_that_the_parent_lacks_is_refused),
      RUN(Children, scopes_that_the_parent_lacks_are_dropped_where_that_was_asked_for),
      RUN(Children, a_scope_that_there_is_no_more_is_refused),
      RUN(Children, a_service_must_have_a_name),
      RUN(Children, the_child_of_a_short_lived_parent_ends_with_it_and_is_given_again),
      RUN(Children, when_a_parent_is_to_live_longer_its_next_child_does),
      RUN(Children, a_child_is_given_again_until_half_of_its_life_is_over),
      RUN(Children, a_child_is_given_again_while_it_has_the_lifetime_that_was_asked_for),
      RUN(Children, a_child_that_was_deleted_is_not_given_again),
      RUN(Children, a_lifetime_that_no_child_can_have_is_refused_with_the_bounds),
      RUN(Children, a_lifetime_that_the_parent_has_not_is_refused_as_too_short),
      RUN(Children, a_parent_near_its_end_has_no_children_though_it_is_good_itself),
      RUN(Children, a_hundred_who_ask_at_once_get_one_token),
      RUN(Children, nothing_is_made_of_a_parent_that_is_deleted_meanwhile),
      RUN(Children, nothing_is_made_of_a_parent_that_has_expired),
      RUN(Children, a_caller_without_a_token_has_no_children),
      RUN(Children, the_children_of_a_parent_are_bounded),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
