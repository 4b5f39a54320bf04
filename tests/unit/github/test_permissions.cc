// Permission sets: names, levels, and what covers what.
#include "daemon/domain/github/permissions.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using Levels = std::map<std::string, std::string>;

struct PermissionFixture {
  static Permissions of(const Levels& levels) { return Permissions::parse(levels).value(); }
  static bool refuses(const Levels& levels) { return !Permissions::parse(levels).ok(); }
};

TEST(PermissionFixture, a_level_covers_itself_and_those_below) {
  const Permissions held = fixture.of({{"contents", "write"}});
  assert_true(held.cover("contents", AccessLevel::read));
  assert_true(held.cover("contents", AccessLevel::write));
  assert_false(held.cover("contents", AccessLevel::admin));
}

TEST(PermissionFixture, a_permission_does_not_cover_another) {
  assert_false(fixture.of({{"contents", "admin"}}).cover("issues", AccessLevel::read));
}

TEST(PermissionFixture, a_name_that_begins_the_same_is_another) {
  assert_false(fixture.of({{"issues", "read"}}).cover("issue", AccessLevel::read));
}

TEST(PermissionFixture, any_permission_covers_reading_metadata) {
  assert_true(fixture.of({{"issues", "read"}}).cover("metadata", AccessLevel::read));
}

TEST(PermissionFixture, no_permission_covers_writing_metadata) {
  assert_false(fixture.of({{"issues", "admin"}}).cover("metadata", AccessLevel::write));
}

TEST(PermissionFixture, nothing_covers_nothing) {
  assert_false(Permissions().cover("metadata", AccessLevel::read));
}

TEST(PermissionFixture, names_that_github_does_not_know_yet_are_taken) {
  assert_true(fixture.of({{"brand_new_2", "read"}}).cover("brand_new_2", AccessLevel::read));
}

TEST(PermissionFixture, names_that_github_cannot_have_are_refused) {
  for (const char* name : {"", "Contents", "a-b", "a b", "a\"b", "a/b"}) {
    assert_true(fixture.refuses({{name, "read"}}));
  }
  assert_true(fixture.refuses({{std::string(65, 'a'), "read"}}));
}

TEST(PermissionFixture, an_unknown_level_is_refused_by_the_name_of_its_permission) {
  const auto parsed = Permissions::parse({{"contents", "READ"}});
  assert_string_equal(parsed.error().message.c_str(),
                      "permission 'contents' must be read, write or admin");
  assert_string_equal(parsed.error().field.c_str(), "permissions");
}

TEST(PermissionFixture, text_and_back_is_the_same) {
  const Levels levels = {{"checks", "admin"}, {"contents", "read"}};
  assert_true(fixture.of(levels).to_text() == levels);
}

TEST(PermissionFixture, as_one_line_they_are_in_order_of_their_names) {
  const Permissions held = fixture.of({{"issues", "write"}, {"contents", "read"}});
  assert_string_equal(held.to_string().c_str(), "contents:read,issues:write");
}

TEST(PermissionFixture, setting_again_replaces_the_level) {
  Permissions held = fixture.of({{"contents", "write"}});
  held.set("contents", AccessLevel::read);
  assert_string_equal(held.to_string().c_str(), "contents:read");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(PermissionFixture, a_level_covers_itself_and_those_below),
      RUN(PermissionFixture, a_permission_does_not_cover_another),
      RUN(PermissionFixture, a_name_that_begins_the_same_is_another),
      RUN(PermissionFixture, any_permission_covers_reading_metadata),
      RUN(PermissionFixture, no_permission_covers_writing_metadata),
      RUN(PermissionFixture, nothing_covers_nothing),
      RUN(PermissionFixture, names_that_github_does_not_know_yet_are_taken),
      RUN(PermissionFixture, names_that_github_cannot_have_are_refused),
      RUN(PermissionFixture, an_unknown_level_is_refused_by_the_name_of_its_permission),
      RUN(PermissionFixture, text_and_back_is_the_same),
      RUN(PermissionFixture, as_one_line_they_are_in_order_of_their_names),
      RUN(PermissionFixture, setting_again_replaces_the_level),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
