// A token that was revoked does not come back: not at once, not after a restart, not after kill -9.
#include "daemon/services/store/revocation_store.h"

#include "daemon/services/store/token_store.h"
#include "tests/component/store/store_world.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr UnixTime kNow{std::chrono::seconds(1'700'000'000)};

struct RevokedTokens : StoreWorld {
  std::unique_ptr<TokenStore> tokens;
  CondemnedTokens unfinished;  // What load() gave.
  int buried = 0;
  std::optional<Result<Done>> outcome;
  CondemnedTokens given;

  RevokedTokens() { restart(); }
  ~RevokedTokens() { tokens.reset(); }

  // What was not written is lost, as with kill -9.
  void restart() {
    tokens.reset();
    open();
    tokens = std::make_unique<TokenStore>(*database, *revocations, *writer, log);
    unfinished = revocations->load().value();
  }

  void put(const std::string& name, const std::string& app = "ci") {
    StoredToken stored;
    stored.token = SecretBytes("ghs_" + name);
    stored.app = app;
    stored.expires_at = kNow + 1h;
    stored.fingerprint = "fp-" + name;
    tokens->put(name, stored);
  }
  bool is_there(const std::string& name) {
    const auto found = tokens->find(name);
    return found.ok() && found.value();
  }
  static CondemnedToken condemned(const std::string& name) {
    return {"fp-" + name, SecretBytes("ghs_" + name), "ci", kNow + 1h};
  }
  void start_burying(CondemnedTokens known, RevocationStore::IsDoomed is_doomed = {}) {
    revocations->bury(std::move(known), std::move(is_doomed),
                      [this](const Result<Done>& result, CondemnedTokens all) {
                        ++buried;
                        outcome = result;
                        given = std::move(all);
                      });
  }
  void start_burying(const std::string& name) {
    CondemnedTokens known;
    known.push_back(condemned(name));
    start_burying(std::move(known), [fingerprint = "fp-" + name](const StoredToken& stored) {
      return stored.fingerprint == fingerprint;
    });
  }
  void bury_app(const std::string& app) {
    start_burying({}, [app](const StoredToken& stored) { return stored.app == app; });
    write_all();
  }
};

TEST(RevokedTokens, a_buried_token_is_gone_before_anything_is_written) {
  fixture.put("a");
  fixture.write_all();
  fixture.start_burying("a");
  assert_false(fixture.is_there("a"));
  assert_int_equal(fixture.buried, 0);
}

TEST(RevokedTokens, a_buried_token_is_gone_after_a_restart) {
  fixture.put("a");
  fixture.start_burying("a");
  fixture.write_all();
  assert_int_equal(fixture.buried, 1);
  fixture.restart();
  assert_false(fixture.is_there("a"));
}

TEST(RevokedTokens, a_token_buried_while_it_was_on_its_way_to_disk_does_not_come_back) {
  fixture.put("a");
  fixture.start_burying("a");
  fixture.write_all();
  assert_false(fixture.is_there("a"));
}

TEST(RevokedTokens, a_token_put_again_after_it_was_buried_is_not_given) {
  fixture.start_burying("a");
  fixture.put("a");
  fixture.write_all();
  assert_false(fixture.is_there("a"));
  fixture.restart();
  assert_false(fixture.is_there("a"));
}

TEST(RevokedTokens, a_kill_before_the_commit_leaves_the_token_as_it_was) {
  fixture.put("a");
  fixture.write_all();
  fixture.start_burying("a");
  fixture.restart();
  assert_int_equal(fixture.buried, 0);
  assert_true(fixture.is_there("a"));
}

TEST(RevokedTokens, a_token_that_is_only_in_the_store_is_found_there) {
  fixture.put("a");
  fixture.put("b");
  fixture.start_burying({}, [](const StoredToken& stored) { return stored.fingerprint == "fp-b"; });
  fixture.write_all();
  assert_int_equal(fixture.given.size(), 1);
  assert_true(fixture.given[0].token.reveal() == "ghs_b");
  assert_true(fixture.is_there("a"));
  assert_false(fixture.is_there("b"));
}

TEST(RevokedTokens, a_token_in_memory_and_in_the_store_is_given_once) {
  fixture.put("a");
  fixture.start_burying("a");
  fixture.write_all();
  assert_int_equal(fixture.given.size(), 1);
}

TEST(RevokedTokens, all_tokens_of_an_app_are_buried_at_once) {
  for (int i = 0; i < 600; ++i) fixture.put(std::to_string(i), i % 2 == 0 ? "ci" : "bot");
  fixture.write_all();
  fixture.bury_app("ci");
  assert_int_equal(fixture.given.size(), 300);
  for (int i = 0; i < 600; ++i) assert_int_equal(fixture.is_there(std::to_string(i)), i % 2);
}

TEST(RevokedTokens, a_token_of_the_app_that_comes_later_is_not_buried) {
  fixture.put("old");
  fixture.start_burying({}, [](const StoredToken& stored) { return stored.app == "ci"; });
  fixture.put("new");
  fixture.write_all();
  assert_false(fixture.is_there("old"));
  assert_true(fixture.is_there("new"));
}

TEST(RevokedTokens, what_github_has_not_confirmed_is_there_at_the_next_start) {
  fixture.start_burying("a");
  fixture.write_all();
  fixture.restart();
  assert_int_equal(fixture.unfinished.size(), 1);
  assert_true(fixture.unfinished[0].token.reveal() == "ghs_a");
  assert_string_equal(fixture.unfinished[0].fingerprint.c_str(), "fp-a");
  assert_string_equal(fixture.unfinished[0].app.c_str(), "ci");
  assert_true(fixture.unfinished[0].expires_at == kNow + 1h);
}

TEST(RevokedTokens, what_github_has_confirmed_is_not_asked_again_and_stays_forbidden) {
  fixture.start_burying("a");
  fixture.revocations->confirm(RevokedTokens::condemned("a"));
  fixture.write_all();
  fixture.restart();
  assert_int_equal(fixture.unfinished.size(), 0);
  assert_true(fixture.revocations->contains("fp-a"));
}

TEST(RevokedTokens, what_has_expired_is_swept) {
  fixture.start_burying("a");
  fixture.write_all();
  fixture.revocations->drop_expired(kNow + 1h - 1s);
  assert_true(fixture.revocations->contains("fp-a"));
  fixture.revocations->drop_expired(kNow + 1h);
  fixture.write_all();
  fixture.restart();
  assert_false(fixture.revocations->contains("fp-a"));
  assert_int_equal(fixture.unfinished.size(), 0);
}

TEST(RevokedTokens, a_token_that_could_not_be_buried_is_forbidden_all_the_same) {
  for (std::size_t i = 0; i <= StoreWriter::kChangesMax; ++i) fixture.tokens->drop("other");
  fixture.start_burying("a");
  assert_int_equal(fixture.outcome->error().code, TOKMAN_E_BUSY);
  assert_int_equal(fixture.given.size(), 1);
  assert_true(fixture.revocations->contains("fp-a"));
}

TEST(RevokedTokens, what_cannot_be_read_is_dropped_and_counted) {
  fixture.start_burying("a");
  fixture.write_all();
  fixture.tokens.reset();
  fixture.close();
  fixture.corrupt("revocations");
  fixture.restart();
  fixture.write_all();
  assert_int_equal(fixture.lines.count("count=1"), 1);
  fixture.restart();
  assert_int_equal(fixture.lines.count("count=1"), 1);
}

TEST(RevokedTokens, no_token_is_in_the_file_in_clear) {
  CondemnedTokens known;
  known.push_back({"fp", SecretBytes("ghs_PlantedMarkerThatMustNeverLieOnDisk"), "ci", kNow});
  fixture.start_burying(std::move(known));
  fixture.write_all();
  assert_true(fixture.file_content().find("Planted") == std::string::npos);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(RevokedTokens, a_buried_token_is_gone_before_anything_is_written),
      RUN(RevokedTokens, a_buried_token_is_gone_after_a_restart),
      RUN(RevokedTokens, a_token_buried_while_it_was_on_its_way_to_disk_does_not_come_back),
      RUN(RevokedTokens, a_token_put_again_after_it_was_buried_is_not_given),
      RUN(RevokedTokens, a_kill_before_the_commit_leaves_the_token_as_it_was),
      RUN(RevokedTokens, a_token_that_is_only_in_the_store_is_found_there),
      RUN(RevokedTokens, a_token_in_memory_and_in_the_store_is_given_once),
      RUN(RevokedTokens, all_tokens_of_an_app_are_buried_at_once),
      RUN(RevokedTokens, a_token_of_the_app_that_comes_later_is_not_buried),
      RUN(RevokedTokens, what_github_has_not_confirmed_is_there_at_the_next_start),
      RUN(RevokedTokens, what_github_has_confirmed_is_not_asked_again_and_stays_forbidden),
      RUN(RevokedTokens, what_has_expired_is_swept),
      RUN(RevokedTokens, a_token_that_could_not_be_buried_is_forbidden_all_the_same),
      RUN(RevokedTokens, what_cannot_be_read_is_dropped_and_counted),
      RUN(RevokedTokens, no_token_is_in_the_file_in_clear),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
