// Two tokens have the same key if, and only if, they are the same token.
#include "daemon/domain/tokens/token_key.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct KeyFixture {
  TokenIdentity identity{.api_base = "https://api.github.com",
                         .app = "ci",
                         .installation_id = 4242,
                         .repositories = {"hello-world", "spoon-knife"},
                         .permissions = levels({{"contents", "read"}, {"issues", "write"}})};

  static Permissions levels(const std::map<std::string, std::string>& text) {
    return Permissions::parse(text).value();
  }
  std::string key() const { return make_token_key(identity); }

  // Whether `other` is taken for another token.
  bool differs_from(const TokenIdentity& other) const { return key() != make_token_key(other); }
  // Whether a key made by hand is refused.
  static bool is_refused(std::string_view key) { return !parse_token_key(key).has_value(); }
};

TEST(KeyFixture, equal_identities_have_equal_keys) {
  const TokenIdentity same = fixture.identity;
  assert_false(fixture.differs_from(same));
}

TEST(KeyFixture, a_key_gives_back_its_installation) {
  assert_int_equal(parse_token_key(fixture.key())->installation_id, 4242);
}

TEST(KeyFixture, a_key_gives_back_its_host_and_app) {
  const auto parsed = parse_token_key(fixture.key());
  assert_string_equal(parsed->api_base.c_str(), "https://api.github.com");
  assert_string_equal(parsed->app.c_str(), "ci");
}

TEST(KeyFixture, a_key_gives_back_its_repositories) {
  assert_true(parse_token_key(fixture.key())->repositories == fixture.identity.repositories);
}

TEST(KeyFixture, a_key_gives_back_its_permissions) {
  assert_true(parse_token_key(fixture.key())->permissions == fixture.identity.permissions);
}

TEST(KeyFixture, a_key_without_repositories_gives_back_none) {
  fixture.identity.repositories.clear();
  assert_true(parse_token_key(fixture.key())->repositories.empty());
}

TEST(KeyFixture, a_token_of_one_holder_is_another_token) {
  TokenIdentity other = fixture.identity;
  other.holder = "1";
  assert_true(fixture.differs_from(other));
  assert_string_equal(parse_token_key(make_token_key(other))->holder.c_str(), "1");
}

TEST(KeyFixture, another_host_is_another_token) {
  TokenIdentity other = fixture.identity;
  other.api_base = "https://ghe.example/api/v3";
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, another_app_is_another_token) {
  TokenIdentity other = fixture.identity;
  other.app = "cd";
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, another_installation_is_another_token) {
  TokenIdentity other = fixture.identity;
  other.installation_id = 4243;
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, one_repository_less_is_another_token) {
  TokenIdentity other = fixture.identity;
  other.repositories.pop_back();
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, the_whole_installation_is_another_token) {
  TokenIdentity other = fixture.identity;
  other.repositories.clear();
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, another_level_is_another_token) {
  fixture.identity.permissions = KeyFixture::levels({{"contents", "write"}});
  TokenIdentity other = fixture.identity;
  other.permissions = KeyFixture::levels({{"contents", "admin"}});
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, a_permission_is_not_taken_for_a_repository) {
  fixture.identity.repositories.clear();
  fixture.identity.permissions = KeyFixture::levels({{"contents", "read"}});
  TokenIdentity other = fixture.identity;
  other.repositories = {"contents", "read"};
  other.permissions = {};
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, two_repositories_are_not_taken_for_one_with_a_longer_name) {
  fixture.identity.repositories = {"a", "b"};
  TokenIdentity other = fixture.identity;
  other.repositories = {"ab"};
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, a_name_that_holds_separators_makes_no_other_names) {
  using namespace std::string_literals;
  fixture.identity.repositories = {"a\0\1b"s};
  TokenIdentity other = fixture.identity;
  other.repositories = {"a", "b"};
  assert_true(fixture.differs_from(other));
  assert_true(parse_token_key(fixture.key())->repositories == fixture.identity.repositories);
}

TEST(KeyFixture, part_of_one_name_does_not_move_into_the_next) {
  fixture.identity.app = "cix";
  TokenIdentity other = fixture.identity;
  other.api_base += "c";
  other.app = "ix";
  assert_true(fixture.differs_from(other));
}

TEST(KeyFixture, an_empty_text_is_no_key) { assert_true(KeyFixture::is_refused("")); }

TEST(KeyFixture, every_beginning_that_leaves_a_permission_incomplete_is_refused) {
  fixture.identity.permissions = KeyFixture::levels({{"contents", "read"}});
  const std::string key = fixture.key();
  const std::size_t without_permission = key.size() - sizeof "xxcontentsxxread" + 1;
  for (std::size_t size = 0; size < key.size(); ++size) {
    const bool is_whole = size == without_permission;  // A key with no permission is a key.
    assert_true(KeyFixture::is_refused(key.substr(0, size)) != is_whole);
  }
}

TEST(KeyFixture, a_byte_after_a_key_makes_it_none) {
  assert_true(KeyFixture::is_refused(fixture.key() + '\0'));
}

TEST(KeyFixture, an_unknown_level_makes_it_none) {
  std::string key = fixture.key();
  key.replace(key.rfind("write"), 5, "wrote");
  assert_true(KeyFixture::is_refused(key));
}

TEST(KeyFixture, an_installation_that_is_no_number_makes_it_none) {
  std::string key = fixture.key();
  key.replace(key.find("4242"), 4, "424x");
  assert_true(KeyFixture::is_refused(key));
}

TEST(KeyFixture, a_number_written_otherwise_makes_it_none) {
  std::string key = fixture.key();
  key.replace(key.find("4242"), 4, "0424");
  assert_true(KeyFixture::is_refused(key));
}

TEST(KeyFixture, text_of_another_kind_is_no_key) {
  assert_true(KeyFixture::is_refused("octo-org/hello-world contents:read"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(KeyFixture, equal_identities_have_equal_keys),
      RUN(KeyFixture, a_key_gives_back_its_installation),
      RUN(KeyFixture, a_key_gives_back_its_host_and_app),
      RUN(KeyFixture, a_key_gives_back_its_repositories),
      RUN(KeyFixture, a_key_gives_back_its_permissions),
      RUN(KeyFixture, a_key_without_repositories_gives_back_none),
      RUN(KeyFixture, a_token_of_one_holder_is_another_token),
      RUN(KeyFixture, another_host_is_another_token),
      RUN(KeyFixture, another_app_is_another_token),
      RUN(KeyFixture, another_installation_is_another_token),
      RUN(KeyFixture, one_repository_less_is_another_token),
      RUN(KeyFixture, the_whole_installation_is_another_token),
      RUN(KeyFixture, another_level_is_another_token),
      RUN(KeyFixture, a_permission_is_not_taken_for_a_repository),
      RUN(KeyFixture, two_repositories_are_not_taken_for_one_with_a_longer_name),
      RUN(KeyFixture, a_name_that_holds_separators_makes_no_other_names),
      RUN(KeyFixture, part_of_one_name_does_not_move_into_the_next),
      RUN(KeyFixture, an_empty_text_is_no_key),
      RUN(KeyFixture, every_beginning_that_leaves_a_permission_incomplete_is_refused),
      RUN(KeyFixture, a_byte_after_a_key_makes_it_none),
      RUN(KeyFixture, an_unknown_level_makes_it_none),
      RUN(KeyFixture, an_installation_that_is_no_number_makes_it_none),
      RUN(KeyFixture, a_number_written_otherwise_makes_it_none),
      RUN(KeyFixture, text_of_another_kind_is_no_key),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
