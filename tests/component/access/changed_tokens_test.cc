// Access tokens that are changed or deleted, with what was made of them; and by whom.
#include "tests/component/access/access_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

// A user token with a child, which has a child.
struct Family : AccessWorld {
  AccessCaller packit = user("packit");
  IssuedToken token =
      create_user(packit, {.name = "laptop", .scopes = {"github:token", "user:token"}}).value();
  IssuedToken child = child_of(token.info, notebook()).value();
  IssuedToken grandchild = child_of(child.info, internal()).value();

  Family() { made = history().size(); }

  Result<AccessTokenInfo> edit(const TokenEdit& edit) {
    return modify(admin(), token.info.key, edit);
  }
  std::vector<HistoryEntry> rows_since() {
    const std::vector<HistoryEntry> all = history();
    return {all.begin() + static_cast<std::ptrdiff_t>(made), all.end()};
  }

  std::size_t made = 0;  // Rows of the history, before a test did anything.
};

// GF-12
TEST(Family, each_edit_has_its_row_with_what_was_before) {
  const UnixTime expires = fixture.now() + 48h;
  fixture.edit({.name = "desktop"}).value();
  fixture.edit({.scopes = ScopeNames{"github:token"}}).value();
  fixture.edit({.expiry = {.at = expires}}).value();
  const auto rows = fixture.rows_since();
  assert_int_equal(rows.size(), 3);
  for (const HistoryEntry& row : rows) {
    assert_true(row.action == HistoryAction::edit);
    assert_string_equal(row.actor.name.c_str(), "root");
    assert_string_equal(row.token.key.c_str(), fixture.token.info.key.c_str());
  }
  assert_string_equal(rows[0].token.name.c_str(), "desktop");
  assert_string_equal(rows[0].old_name->c_str(), "laptop");
  assert_false(rows[0].old_scopes.has_value());
  assert_false(rows[0].old_expires.has_value());
  assert_true(rows[1].old_scopes == fixture.token.info.scopes);
  assert_true(rows[1].token.scopes == ScopeNames{"github:token"});
  assert_false(rows[1].old_name.has_value());
  assert_true(rows[2].old_expires.value() == fixture.token.info.expires);
  assert_true(rows[2].token.expires == expires);
}

TEST(Family, an_edit_takes_effect_at_once_and_stays) {
  const AccessTokenInfo edited = fixture.edit({.scopes = ScopeNames{"read:all"}}).value();
  assert_true(fixture.data_of(fixture.token.token) == edited);
  fixture.restart();
  assert_true(fixture.data_of(fixture.token.token) == edited);
}

TEST(Family, empty_scopes_are_none_and_absent_ones_stay) {
  fixture.edit({.name = "desktop"}).value();
  assert_true(fixture.data_of(fixture.token.token)->scopes == fixture.token.info.scopes);
  fixture.edit({.scopes = ScopeNames()}).value();
  assert_true(fixture.data_of(fixture.token.token)->scopes.empty());
  assert_true(fixture.rows_since().back().old_scopes == fixture.token.info.scopes);
}

TEST(Family, an_edit_that_changes_nothing_writes_nothing) {
  const auto same = fixture.edit({.name = "laptop", .scopes = fixture.token.info.scopes});
  assert_true(same.value() == fixture.token.info);
  assert_int_equal(fixture.rows_since().size(), 0);
}

TEST(Family, a_name_of_another_token_is_refused_and_nothing_changes) {
  fixture.create_user(fixture.packit, {.name = "desktop"}).value();
  const auto refused = fixture.edit({.name = "desktop", .scopes = ScopeNames()});
  assert_int_equal(refused.error().code, TOKMAN_E_DUPLICATE_NAME);
  assert_true(fixture.data_of(fixture.token.token) == fixture.token.info);
}

TEST(Family, a_name_that_a_token_gave_up_is_free) {
  fixture.edit({.name = "desktop"}).value();
  assert_true(fixture.create_user(fixture.packit, {.name = "laptop"}).ok());
}

// GF-10: on edit, too.
TEST(Family, a_token_is_not_cut_to_less_than_300_seconds) {
  for (const auto after : {-1s, 0s, 299s}) {
    const auto refused = fixture.edit({.expiry = {.at = fixture.now() + after}});
    assert_string_equal(refused.error().field.c_str(), "expires");
  }
  assert_true(fixture.edit({.expiry = {.at = fixture.now() + 300s}}).ok());
}

TEST(Family, an_unknown_scope_is_refused) {
  const auto refused = fixture.edit({.scopes = ScopeNames{"write:all"}});
  assert_string_equal(refused.error().field.c_str(), "scopes");
}

// GF-13
TEST(Family, when_a_token_is_to_end_earlier_what_was_made_of_it_does) {
  const UnixTime expires = fixture.now() + 1h;
  fixture.edit({.expiry = {.at = expires}}).value();
  for (const IssuedToken* one : {&fixture.token, &fixture.child, &fixture.grandchild}) {
    assert_true(fixture.data_of(one->token)->expires == expires);
  }
  const auto rows = fixture.rows_since();
  assert_int_equal(rows.size(), 3);
  assert_true(rows[1].token.key == fixture.child.info.key);
  assert_true(rows[1].old_expires.value() == fixture.child.info.expires);
  assert_true(rows[2].token.key == fixture.grandchild.info.key);
  fixture.pass(1h);
  assert_false(fixture.data_of(fixture.grandchild.token).has_value());
}

TEST(Family, when_a_token_is_to_end_after_its_children_they_stay_as_they_are) {
  const TokenEdit edits[] = {{.expiry = {.at = fixture.now() + 24h}},
                             {.expiry = {.at = fixture.now() + 24h * 365}},
                             {.expiry = {.never = NoExpiry::yes}}};
  for (const TokenEdit& edit : edits) {
    fixture.edit(edit).value();
    assert_true(fixture.data_of(fixture.child.token) == fixture.child.info);
  }
  assert_int_equal(fixture.rows_since().size(), 3);
}

TEST(Family, a_shortened_child_is_still_the_same_token) {
  fixture.edit({.expiry = {.at = fixture.now() + 1h}}).value();
  const auto again = fixture.child_of(fixture.token.info, AccessWorld::notebook());
  assert_true(again.value().token.reveal() == fixture.child.token.reveal());
}

TEST(Family, only_user_tokens_can_be_changed_and_only_by_an_administrator) {
  const auto of_child = fixture.modify(AccessWorld::admin(), fixture.child.info.key, {.name = "a"});
  assert_int_equal(of_child.error().code, TOKMAN_E_DENIED);
  const auto by_owner = fixture.modify(fixture.packit, fixture.token.info.key, {.name = "a"});
  assert_int_equal(by_owner.error().code, TOKMAN_E_DENIED);
}

// GF-14
TEST(Family, a_deleted_token_takes_all_with_it_the_deepest_first) {
  assert_int_equal(fixture.remove(fixture.packit, fixture.token.info.key).value(), 3);
  const IssuedToken* const ended[] = {&fixture.grandchild, &fixture.child, &fixture.token};
  const auto rows = fixture.rows_since();
  assert_int_equal(rows.size(), 3);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    assert_false(fixture.data_of(ended[i]->token).has_value());
    assert_true(rows[i].action == HistoryAction::revoke);
    assert_true(rows[i].token == ended[i]->info);
    assert_string_equal(rows[i].actor.name.c_str(), "packit");
  }
  fixture.restart();
  assert_false(fixture.data_of(fixture.token.token).has_value());
}

TEST(Family, a_token_is_deleted_once) {
  fixture.remove(fixture.packit, fixture.token.info.key).value();
  const auto again = fixture.remove(fixture.packit, fixture.token.info.key);
  assert_int_equal(again.error().code, TOKMAN_E_NOT_FOUND);
}

TEST(Family, a_deleted_child_leaves_its_parent) {
  assert_int_equal(fixture.remove(fixture.packit, fixture.child.info.key).value(), 2);
  assert_true(fixture.data_of(fixture.token.token).has_value());
}

TEST(Family, what_was_made_with_a_session_survives_it_and_what_was_made_of_it_does_not) {
  const auto session = fixture.create_session(AccessWorld::user("root", {"admin:token"}));
  const AccessCaller holder = AccessWorld::holder(session.value().info);
  const auto own = fixture.create_user(holder, {.name = "a"});
  const auto service =
      fixture.create_by_admin(holder, {.username = "bot-ci", .type = TokenType::service});
  const auto child = fixture.child_of(session.value().info, AccessWorld::oidc());
  assert_int_equal(fixture.remove(AccessWorld::admin(), session.value().info.key).value(), 2);
  assert_true(fixture.data_of(own.value().token).has_value());
  assert_true(fixture.data_of(service.value().token).has_value());
  assert_false(fixture.data_of(child.value().token).has_value());
}

TEST(Family, an_administrator_deletes_anybodys_token) {
  assert_int_equal(fixture.remove(AccessWorld::admin(), fixture.token.info.key, "packit").value(),
                   3);
  assert_string_equal(fixture.rows_since()[0].actor.name.c_str(), "root");
}

// GF-15: nobody learns which keys there are.
TEST(Family, somebody_elses_token_and_an_unknown_one_have_one_answer) {
  const AccessCaller eve = AccessWorld::user("eve");
  const std::string unknown = "AAAAAAAAAAAAAAAAAAAAAA";
  std::vector<Error> refused;
  for (const std::string& key : {fixture.token.info.key, unknown, std::string("no key")}) {
    for (const std::optional<std::string>& username :
         {std::optional<std::string>(), std::optional<std::string>("eve"),
          std::optional<std::string>("packit")}) {
      refused.push_back(fixture.tokens->get_token_info(eve, key, username).error());
      refused.push_back(fixture.remove(eve, key, username).error());
    }
  }
  for (const Error& error : refused) {
    assert_int_equal(error.code, TOKMAN_E_NOT_FOUND);
    assert_string_equal(error.message.c_str(), refused[0].message.c_str());
    assert_string_equal(error.field.c_str(), "key");
  }
  assert_true(fixture.is_alive(fixture.token.info.key));
}

TEST(Family, an_administrator_finds_a_token_only_under_its_user) {
  const AccessCaller admin = AccessWorld::admin();
  const std::string& key = fixture.token.info.key;
  assert_true(fixture.tokens->get_token_info(admin, key, "packit").ok());
  assert_int_equal(fixture.tokens->get_token_info(admin, key, "eve").error().code,
                   TOKMAN_E_NOT_FOUND);
  assert_int_equal(fixture.modify(admin, key, {.name = "a"}, "eve").error().code,
                   TOKMAN_E_NOT_FOUND);
  assert_int_equal(fixture.remove(admin, key, "eve").error().code, TOKMAN_E_NOT_FOUND);
}

// GF-16
TEST(Family, without_the_scope_ones_own_tokens_are_out_of_reach) {
  const AccessCaller bare = AccessWorld::user("packit", {"github:token"});
  const std::string& key = fixture.token.info.key;
  assert_int_equal(fixture.list(bare).error().code, TOKMAN_E_DENIED);
  assert_int_equal(fixture.tokens->get_token_info(bare, key, {}).error().code, TOKMAN_E_DENIED);
  assert_int_equal(fixture.remove(bare, key).error().code, TOKMAN_E_DENIED);
  assert_int_equal(fixture.modify(bare, key, {.name = "a"}).error().code, TOKMAN_E_DENIED);
  assert_true(fixture.is_alive(key));
}

TEST(Family, an_expired_token_can_neither_be_seen_nor_changed_nor_deleted) {
  fixture.edit({.expiry = {.at = fixture.now() + 1h}}).value();
  fixture.pass(1h);
  const std::string& key = fixture.token.info.key;
  assert_false(fixture.is_alive(key));
  assert_int_equal(fixture.edit({.expiry = {.never = NoExpiry::yes}}).error().code,
                   TOKMAN_E_NOT_FOUND);
  assert_int_equal(fixture.remove(fixture.packit, key).error().code, TOKMAN_E_NOT_FOUND);
}

TEST(Family, what_is_remembered_of_credentials_counts_no_more_after_an_edit_or_a_deletion) {
  std::uint64_t before = fixture.epoch.value();
  fixture.create_session(fixture.packit).value();
  assert_int_equal(fixture.epoch.value(), before);
  fixture.edit({.scopes = ScopeNames()}).value();
  assert_int_equal(fixture.epoch.value(), before + 1);
  fixture.remove(fixture.packit, fixture.token.info.key).value();
  assert_int_equal(fixture.epoch.value(), before + 2);
}

TEST(Family, the_epoch_has_advanced_when_a_deletion_is_acknowledged) {
  const std::uint64_t before = fixture.epoch.value();
  std::uint64_t seen = before;
  fixture.operations.push_back(fixture.tokens->delete_token(
      fixture.packit, fixture.token.info.key, {},
      [&](const Result<std::int64_t>&) { seen = fixture.epoch.value(); }));
  fixture.settle();
  assert_int_equal(seen, before + 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Family, each_edit_has_its_row_with_what_was_before),
      RUN(Family, an_edit_takes_effect_at_once_and_stays),
      RUN(Family, empty_scopes_are_none_and_absent_ones_stay),
      RUN(Family, an_edit_that_changes_nothing_writes_nothing),
      RUN(Family, a_name_of_another_token_is_refused_and_nothing_changes),
      RUN(Family, a_name_that_a_token_gave_up_is_free),
      RUN(Family, a_token_is_not_cut_to_less_than_300_seconds),
      RUN(Family, an_unknown_scope_is_refused),
      RUN(Family, when_a_token_is_to_end_earlier_what_was_made_of_it_does),
      RUN(Family, when_a_token_is_to_end_after_its_children_they_stay_as_they_are),
      RUN(Family, a_shortened_child_is_still_the_same_token),
      RUN(Family, only_user_tokens_can_be_changed_and_only_by_an_administrator),
      RUN(Family, a_deleted_token_takes_all_with_it_the_deepest_first),
      RUN(Family, a_token_is_deleted_once),
      RUN(Family, a_deleted_child_leaves_its_parent),
      RUN(Family, what_was_made_with_a_session_survives_it_and_what_was_made_of_it_does_not),
      RUN(Family, an_administrator_deletes_anybodys_token),
      RUN(Family, somebody_elses_token_and_an_unknown_one_have_one_answer),
      RUN(Family, an_administrator_finds_a_token_only_under_its_user),
      RUN(Family, without_the_scope_ones_own_tokens_are_out_of_reach),
      RUN(Family, an_expired_token_can_neither_be_seen_nor_changed_nor_deleted),
      RUN(Family, what_is_remembered_of_credentials_counts_no_more_after_an_edit_or_a_deletion),
      RUN(Family, the_epoch_has_advanced_when_a_deletion_is_acknowledged),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
