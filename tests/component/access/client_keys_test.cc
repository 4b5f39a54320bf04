// How many keys are hashed at once, and what becomes of the rest. X-22: a flood of logins is
// bounded.
#include "daemon/services/access/client_keys.h"

#include "tests/support/fake_background.h"
#include "tests/support/fixed_random.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Keys {
  FakeBackground background;
  FixedRandom random;
  std::size_t at_once = 2;
  ClientKeys keys{{background, random, [this] { return at_once; }}};
  std::vector<OperationPtr> operations;
  std::vector<std::string> hashes;

  void hash(std::string_view key = "key") {
    operations.push_back(
        keys.hash(SecretBytes(key), {.n = 16, .r = 8, .p = 1, .salt = "salt"},
                  [this](Result<std::string> hash) { hashes.push_back(std::move(hash).value()); }));
  }
  int work() {
    int done = 0;
    while (background.step()) ++done;
    return done;
  }
};

TEST(Keys, a_key_is_hashed_off_the_loop) {
  fixture.hash();
  assert_true(fixture.hashes.empty());
  assert_int_equal(fixture.work(), 1);
  assert_int_equal(fixture.hashes[0].size(), 32);
}

TEST(Keys, as_many_are_hashed_at_once_as_the_configuration_says) {
  for (int i = 0; i < 5; ++i) fixture.hash();
  assert_true(fixture.background.step());
  assert_true(fixture.background.step());
  assert_int_equal(fixture.hashes.size(), 2);
  assert_int_equal(fixture.work(), 3);
  assert_int_equal(fixture.hashes.size(), 5);
}

TEST(Keys, beyond_those_that_wait_they_are_told_to_come_again) {
  for (std::size_t i = 0; i < 2 + ClientKeys::kWaitingMax; ++i) {
    assert_true(fixture.keys.has_room().ok());
    fixture.hash();
  }
  const Result<Done> room = fixture.keys.has_room();
  assert_int_equal(room.error().code, TOKMAN_E_BUSY);
  assert_true(room.error().retry_after.has_value());
  assert_true(fixture.background.step());
  assert_true(fixture.keys.has_room().ok());
}

TEST(Keys, who_has_gone_waits_no_more) {
  for (std::size_t i = 0; i < 2 + ClientKeys::kWaitingMax; ++i) fixture.hash();
  fixture.operations.resize(2);
  assert_true(fixture.keys.has_room().ok());
  assert_int_equal(fixture.work(), 2);
}

TEST(Keys, who_goes_while_it_is_hashed_keeps_its_place_until_that_is_done) {
  fixture.hash();
  fixture.hash();
  fixture.operations.clear();
  fixture.hash("another");
  assert_int_equal(fixture.work(), 3);
  assert_int_equal(fixture.hashes.size(), 1);
}

TEST(Keys, a_generated_key_has_256_bits_as_text) {
  assert_int_equal(fixture.keys.make_key().size(), 43);
}

TEST(Keys, hashing_a_key_takes_32_mebibytes) {
  const KeyStretch stretch = fixture.keys.make_stretch();
  assert_int_equal(128 * stretch.n * stretch.r, 32 * 1024 * 1024);
  assert_int_equal(stretch.salt.size(), 16);
  assert_false(fixture.keys.is_out_of_date(stretch));
  assert_true(fixture.keys.is_out_of_date({.n = 16, .r = 8, .p = 1, .salt = stretch.salt}));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Keys, a_key_is_hashed_off_the_loop),
      RUN(Keys, as_many_are_hashed_at_once_as_the_configuration_says),
      RUN(Keys, beyond_those_that_wait_they_are_told_to_come_again),
      RUN(Keys, who_has_gone_waits_no_more),
      RUN(Keys, who_goes_while_it_is_hashed_keeps_its_place_until_that_is_done),
      RUN(Keys, a_generated_key_has_256_bits_as_text),
      RUN(Keys, hashing_a_key_takes_32_mebibytes),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
