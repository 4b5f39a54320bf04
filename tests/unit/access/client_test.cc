// What a client may be, and which of its keys are good.
#include "daemon/domain/access/client.h"

#include "daemon/domain/access/client_change.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr UnixTime kNow{1'800'000'000s};

struct Clients {
  Client client{.id = "packit"};

  std::string wrong_field() {
    const Result<Done> checked = check_client(client);
    return checked.ok() ? "" : checked.error().field;
  }
  std::string wrong_id(std::string_view id) {
    client.id = id;
    return wrong_field();
  }
};

TEST(Clients, an_id_is_1_to_64_of_its_characters) {
  for (const std::string& id :
       {std::string("a"), std::string("0"), std::string("a.b_c-9"), std::string(64, 'a')}) {
    assert_string_equal(fixture.wrong_id(id).c_str(), "");
  }
  for (const std::string& id :
       {std::string(), std::string("A"), std::string(".a"), std::string("-a"), std::string("_a"),
        std::string("a b"), std::string("a\n"), std::string("a/b"), std::string("é"),
        std::string("a\0", 2), std::string(65, 'a')}) {
    assert_string_equal(fixture.wrong_id(id).c_str(), "id");
  }
}

// TF-14: what is wrong is said by the field's name.
TEST(Clients, owner_and_description_are_one_line_of_1024_bytes) {
  fixture.client.owner = fixture.client.description = std::string(1024, 'x');
  assert_string_equal(fixture.wrong_field().c_str(), "");
  fixture.client.owner += "x";
  assert_string_equal(fixture.wrong_field().c_str(), "owner");
  fixture.client.owner = "";
  fixture.client.description = "two\nlines";
  assert_string_equal(fixture.wrong_field().c_str(), "description");
}

TEST(Clients, a_priority_is_from_0_to_1000_by_the_name_of_an_app_or_a_star) {
  fixture.client.max_priority = {{"ci", 0}, {"*", 1000}};
  assert_string_equal(fixture.wrong_field().c_str(), "");
  fixture.client.max_priority = {{"ci", -1}};
  assert_string_equal(fixture.wrong_field().c_str(), "max_priority");
  fixture.client.max_priority = {{"ci", 1001}};
  assert_string_equal(fixture.wrong_field().c_str(), "max_priority");
  fixture.client.max_priority = {{"c*", 1}};
  assert_string_equal(fixture.wrong_field().c_str(), "max_priority");
}

TEST(Clients, scopes_and_queues_fit_into_a_jwt) {
  for (int i = 0; i < 100; ++i) fixture.client.scopes.insert("some:scope" + std::to_string(i));
  assert_string_equal(fixture.wrong_field().c_str(), "");
  for (int i = 100; i < 200; ++i) fixture.client.scopes.insert("some:scope" + std::to_string(i));
  assert_string_equal(fixture.wrong_field().c_str(), "scopes");
}

TEST(Clients, a_client_is_bound_to_256_uids_at_most) {
  fixture.client.bind_uids = std::vector<uid_t>(256, 1000);
  assert_string_equal(fixture.wrong_field().c_str(), "");
  fixture.client.bind_uids.push_back(1000);
  assert_string_equal(fixture.wrong_field().c_str(), "bind_uids");
}

TEST(Clients, a_key_that_somebody_chose_has_15_to_1024_bytes) {
  const auto fits = [](std::size_t size) {
    return check_client_key(SecretBytes(std::string(size, 'k'))).ok();
  };
  assert_false(fits(0));
  assert_false(fits(14));
  assert_true(fits(15));
  assert_true(fits(1024));
  assert_false(fits(1025));
}

TEST(Clients, a_client_is_alive_until_it_expires_or_is_disabled) {
  fixture.client.expires = kNow;
  assert_true(fixture.client.is_alive(kNow - 1s));
  assert_false(fixture.client.is_alive(kNow));
  fixture.client.expires = std::nullopt;
  assert_true(fixture.client.is_alive(kNow));
  fixture.client.is_disabled = true;
  assert_false(fixture.client.is_alive(kNow));
}

TEST(Clients, the_former_key_is_good_until_its_overlap_is_over) {
  fixture.client.change_key("old", kNow, 0s);
  fixture.client.change_key("new", kNow, 60s);
  assert_true(fixture.client.has_key("old", kNow + 59s));
  assert_false(fixture.client.has_key("old", kNow + 60s));
  assert_true(fixture.client.has_key("new", kNow + 60s));
}

TEST(Clients, without_an_overlap_the_former_key_ends_at_once) {
  fixture.client.change_key("old", kNow, 0s);
  fixture.client.change_key("new", kNow, 0s);
  assert_false(fixture.client.has_key("old", kNow));
  assert_int_equal(fixture.client.keys.size(), 1);
}

TEST(Clients, a_client_has_two_keys_at_most) {
  fixture.client.change_key("first", kNow, 0s);
  fixture.client.change_key("second", kNow, 60s);
  fixture.client.change_key("third", kNow, 60s);
  assert_int_equal(fixture.client.keys.size(), 2);
  assert_false(fixture.client.has_key("first", kNow));
}

TEST(Clients, rotating_again_lengthens_no_overlap_of_a_former_key) {
  fixture.client.change_key("old", kNow, 0s);
  fixture.client.change_key("new", kNow, 60s);
  fixture.client.change_key("newer", kNow + 61s, 600s);
  assert_false(fixture.client.has_key("old", kNow + 61s));
  assert_true(fixture.client.has_key("new", kNow + 61s));
}

TEST(Clients, a_change_is_described_with_what_was_before) {
  const Client before = fixture.client;
  ClientChange change{.owner = "packit", .bind_uids = {{0, 1000}}, .expires = kNow};
  change.apply_to(fixture.client);
  assert_string_equal(describe_change(before, fixture.client).c_str(),
                      "owner: packit; bind_uids: 0 1000; expires: 1800000000");
  const Client then = fixture.client;
  change = {.bind_uids = {{}}, .expires = {std::optional<UnixTime>()}, .is_disabled = true};
  change.apply_to(fixture.client);
  assert_string_equal(
      describe_change(then, fixture.client).c_str(),
      "bind_uids: none (was 0 1000); expires: none (was 1800000000); disabled: yes");
  assert_string_equal(describe_change(then, then).c_str(), "");
}

// TF-27: of two sets of scopes one may be within the other, both, or neither.
TEST(Clients, a_scope_beyond_those_held_is_found) {
  assert_true(scope_beyond({"a", "b"}, {"a"}) == "b");
  assert_false(scope_beyond({"a"}, {"a"}).has_value());
  assert_false(scope_beyond({}, {}).has_value());
  assert_true(scope_beyond({"a"}, {"b"}) == "a");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Clients, an_id_is_1_to_64_of_its_characters),
      RUN(Clients, owner_and_description_are_one_line_of_1024_bytes),
      RUN(Clients, a_priority_is_from_0_to_1000_by_the_name_of_an_app_or_a_star),
      RUN(Clients, scopes_and_queues_fit_into_a_jwt),
      RUN(Clients, a_client_is_bound_to_256_uids_at_most),
      RUN(Clients, a_key_that_somebody_chose_has_15_to_1024_bytes),
      RUN(Clients, a_client_is_alive_until_it_expires_or_is_disabled),
      RUN(Clients, the_former_key_is_good_until_its_overlap_is_over),
      RUN(Clients, without_an_overlap_the_former_key_ends_at_once),
      RUN(Clients, a_client_has_two_keys_at_most),
      RUN(Clients, rotating_again_lengthens_no_overlap_of_a_former_key),
      RUN(Clients, a_change_is_described_with_what_was_before),
      RUN(Clients, a_scope_beyond_those_held_is_found),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
