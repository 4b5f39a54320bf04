#include "daemon/services/store/token_store.h"

#include "daemon/platform/crypto/digest.h"

#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr UnixTime kNow{std::chrono::seconds(1'700'000'000)};

struct StoredTokens : StoreWorld {
  std::unique_ptr<TokenStore> tokens;

  StoredTokens() { restart(); }
  ~StoredTokens() { tokens.reset(); }

  void restart() {
    open();
    tokens = std::make_unique<TokenStore>(*database, *revocations, *writer, log);
  }

  static StoredToken token(std::string_view text, UnixTime expires_at = kNow) {
    StoredToken stored;
    stored.token = SecretBytes(text);
    stored.app = "ci";
    stored.installation_id = 4242;
    stored.owner = "octo-org";
    stored.granted.set("contents", AccessLevel::write);
    stored.granted.set("metadata", AccessLevel::read);
    stored.granted_repositories = {"Octo-Org/Hello-World", "Octo-Org/Spoon-Knife"};
    stored.expires_at = expires_at;
    stored.minted_at = expires_at - std::chrono::hours(1);
    stored.fingerprint = "fingerprint=";
    return stored;
  }
  void put(const std::string& key, std::string_view text, UnixTime expires_at = kNow) {
    tokens->put(key, token(text, expires_at));
    write_all();
  }
  // The token's text; or "none", or the error's.
  std::string get(const std::string& key) {
    const auto found = tokens->find(key);
    if (!found.ok()) return found.error().message;
    return std::string(found.value() ? found.value()->token.reveal() : "none");
  }
};

TEST(StoredTokens, a_token_comes_back_as_it_was_put_after_a_restart) {
  fixture.put("key", "ghs_one");
  fixture.restart();
  const auto found = fixture.tokens->find("key");
  assert_true(found.ok() && found.value());
  const StoredToken& stored = *found.value();
  const StoredToken wanted = StoredTokens::token("ghs_one");
  assert_true(stored.token.reveal() == wanted.token.reveal());
  assert_true(stored.app == wanted.app);
  assert_true(stored.installation_id == wanted.installation_id);
  assert_true(stored.owner == wanted.owner);
  assert_true(stored.granted == wanted.granted);
  assert_true(stored.granted_repositories == wanted.granted_repositories);
  assert_true(stored.expires_at == wanted.expires_at);
  assert_true(stored.minted_at == wanted.minted_at);
  assert_true(stored.fingerprint == wanted.fingerprint);
}

TEST(StoredTokens, a_token_never_put_is_not_there) {
  assert_string_equal(fixture.get("key").c_str(), "none");
}

TEST(StoredTokens, a_key_may_be_longer_than_lmdb_allows) {
  const std::string long_key(5000, 'k');
  fixture.put(long_key, "ghs_one");
  assert_string_equal(fixture.get(long_key).c_str(), "ghs_one");
  assert_string_equal(fixture.get(long_key + "k").c_str(), "none");
}

TEST(StoredTokens, a_later_token_replaces_an_earlier_one) {
  fixture.put("key", "ghs_one");
  fixture.put("key", "ghs_two");
  assert_string_equal(fixture.get("key").c_str(), "ghs_two");
}

TEST(StoredTokens, a_dropped_token_is_gone_at_once_and_after_a_restart) {
  fixture.put("key", "ghs_one");
  fixture.tokens->drop("key");
  assert_string_equal(fixture.get("key").c_str(), "none");
  fixture.write_all();
  fixture.restart();
  assert_string_equal(fixture.get("key").c_str(), "none");
}

TEST(StoredTokens, while_a_token_is_being_replaced_the_old_one_is_not_given) {
  fixture.put("key", "ghs_one");
  fixture.tokens->put("key", StoredTokens::token("ghs_two"));
  assert_string_equal(fixture.get("key").c_str(), "none");
}

TEST(StoredTokens, a_corrupt_token_is_an_error_that_does_not_hinder_the_next_put) {
  fixture.put("key", "ghs_one");
  fixture.close();
  fixture.corrupt("tokens");
  fixture.restart();
  const auto found = fixture.tokens->find("key");
  assert_int_equal(found.error().code, TOKMAN_E_STORE);
  fixture.put("key", "ghs_two");
  assert_string_equal(fixture.get("key").c_str(), "ghs_two");
}

TEST(StoredTokens, a_sealed_value_that_is_no_token_is_an_error) {
  const Result<Done> done = fixture.database->store().write([&](WriteTxn& txn) {
    const SealedTable& table = fixture.database->sealed(TableId::tokens);
    return table.put(txn, sha256("key"), SecretBytes(R"({"token":1})"));
  });
  assert_true(done.ok());
  const auto found = fixture.tokens->find("key");
  assert_int_equal(found.error().code, TOKMAN_E_STORE);
}

TEST(StoredTokens, a_sweep_drops_what_has_expired_and_nothing_else) {
  fixture.put("old", "ghs_one", kNow - std::chrono::seconds(1));
  fixture.put("just now", "ghs_two", kNow);
  fixture.put("good", "ghs_three", kNow + std::chrono::seconds(1));
  fixture.tokens->drop_expired(kNow);
  fixture.write_all();
  assert_string_equal(fixture.get("old").c_str(), "none");
  assert_string_equal(fixture.get("just now").c_str(), "none");
  assert_string_equal(fixture.get("good").c_str(), "ghs_three");
}

TEST(StoredTokens, a_sweep_goes_through_the_whole_table_bit_by_bit) {
  for (int i = 0; i < 600; ++i) {
    const auto age = std::chrono::seconds(i % 10 == 0 ? -1 : 1);
    fixture.tokens->put(std::to_string(i), StoredTokens::token("ghs_one", kNow - age));
  }
  fixture.write_all();
  fixture.tokens->drop_expired(kNow);
  assert_in_range(fixture.write_all(), 3, 4);  // 540 are expired.
  for (int i = 0; i < 600; ++i) {
    assert_string_equal(fixture.get(std::to_string(i)).c_str(), i % 10 == 0 ? "ghs_one" : "none");
  }
}

TEST(StoredTokens, a_sweep_spares_a_token_renewed_just_before_it) {
  fixture.put("key", "ghs_one", kNow);
  fixture.tokens->put("key", StoredTokens::token("ghs_two", kNow + std::chrono::hours(1)));
  fixture.tokens->drop_expired(kNow);
  fixture.write_all();
  assert_string_equal(fixture.get("key").c_str(), "ghs_two");
}

TEST(StoredTokens, a_sweep_drops_what_cannot_be_read_and_says_how_many) {
  fixture.put("a", "ghs_one", kNow + std::chrono::hours(1));
  fixture.put("b", "ghs_two", kNow + std::chrono::hours(1));
  fixture.close();
  fixture.corrupt("tokens");
  fixture.restart();
  fixture.tokens->drop_expired(kNow);
  fixture.write_all();
  assert_int_equal(fixture.lines.count("count=2"), 1);
  assert_string_equal(fixture.get("a").c_str(), "none");
}

TEST(StoredTokens, a_token_is_not_stored_while_the_writer_is_full_and_the_log_says_so) {
  for (std::size_t i = 0; i <= StoreWriter::kChangesMax; ++i) fixture.tokens->drop("other");
  fixture.tokens->put("key", StoredTokens::token("ghs_one"));
  assert_int_equal(fixture.lines.count("token not stored"), 1);
}

TEST(StoredTokens, nothing_secret_is_in_the_file_nor_in_the_log) {
  fixture.put("octo-org/hello-world", "ghs_PlantedMarkerThatMustNeverLieOnDisk");
  fixture.close();
  fixture.corrupt("tokens");
  fixture.restart();
  (void)fixture.tokens->find("octo-org/hello-world");
  fixture.tokens->drop_expired(kNow);
  fixture.write_all();
  assert_int_equal(fixture.lines.count("Planted"), 0);
  const std::string bytes = fixture.file_content();
  for (const char* planted : {"Planted", "octo-org", "Octo-Org", "hello-world"}) {
    assert_true(bytes.find(planted) == std::string::npos);
  }
}

TEST(StoredTokens, a_doomed_token_is_not_found_while_its_deletion_waits) {
  fixture.put("key", "ghs_one");
  fixture.tokens->drop_if([](const StoredToken& stored) { return stored.installation_id == 4242; });
  assert_string_equal(fixture.get("key").c_str(), "none");
}

TEST(StoredTokens, a_doomed_token_is_gone_after_a_restart) {
  fixture.put("key", "ghs_one");
  fixture.tokens->drop_if([](const StoredToken& stored) { return stored.app == "ci"; });
  fixture.write_all();
  fixture.restart();
  assert_string_equal(fixture.get("key").c_str(), "none");
}

TEST(StoredTokens, a_token_put_after_others_were_doomed_is_found) {
  fixture.put("key", "ghs_one");
  fixture.tokens->drop_if([](const StoredToken&) { return true; });
  fixture.put("key", "ghs_two");
  assert_string_equal(fixture.get("key").c_str(), "ghs_two");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(StoredTokens, a_token_comes_back_as_it_was_put_after_a_restart),
      RUN(StoredTokens, a_token_never_put_is_not_there),
      RUN(StoredTokens, a_key_may_be_longer_than_lmdb_allows),
      RUN(StoredTokens, a_later_token_replaces_an_earlier_one),
      RUN(StoredTokens, a_dropped_token_is_gone_at_once_and_after_a_restart),
      RUN(StoredTokens, while_a_token_is_being_replaced_the_old_one_is_not_given),
      RUN(StoredTokens, a_corrupt_token_is_an_error_that_does_not_hinder_the_next_put),
      RUN(StoredTokens, a_sealed_value_that_is_no_token_is_an_error),
      RUN(StoredTokens, a_sweep_drops_what_has_expired_and_nothing_else),
      RUN(StoredTokens, a_sweep_goes_through_the_whole_table_bit_by_bit),
      RUN(StoredTokens, a_sweep_spares_a_token_renewed_just_before_it),
      RUN(StoredTokens, a_sweep_drops_what_cannot_be_read_and_says_how_many),
      RUN(StoredTokens, a_token_is_not_stored_while_the_writer_is_full_and_the_log_says_so),
      RUN(StoredTokens, nothing_secret_is_in_the_file_nor_in_the_log),
      RUN(StoredTokens, a_doomed_token_is_not_found_while_its_deletion_waits),
      RUN(StoredTokens, a_doomed_token_is_gone_after_a_restart),
      RUN(StoredTokens, a_token_put_after_others_were_doomed_is_found),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
