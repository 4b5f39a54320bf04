// Keys that change while the daemon runs: they are found, proven, and then used.
#include "daemon/services/github/key_watch.h"

#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct Watch : GithubFixture {
  std::set<std::string> keys_at_github = {"a"};
  std::vector<AppConfig> apps = {app};
  int accepted = 0;
  std::optional<KeyWatch> watch;

  Watch() {
    loop.http.answer_all([this](const HttpCall& call) { return answer(call); });
    have({{"a", "", false}});
    watch.emplace(KeyWatch::World{loop.signer, jwts, github, loop.clock, loop.timers, log,
                                  [this]() -> const std::vector<AppConfig>& { return apps; },
                                  [this](const std::string&) { ++accepted; }});
    watch->look();
    loop.run();
  }

  HttpResponse answer(const HttpCall& call) const {
    if (!keys_at_github.contains(loop.signer.key_of(call.authorization))) {
      return github_refusal(401, "A JSON web token could not be decoded");
    }
    if (call.method == "GET") return github_answer(200, R"({"id":12345,"slug":"ci"})");
    return github_answer(201, R"({"token":"ghs_0123456789012345678901234567890123456",)"
                              R"("expires_at":"2027-01-15T09:00:00Z"})");
  }
  void have(const std::vector<SigningKeyStatus>& keys) { loop.signer.apps = {{"ci", keys}}; }
  std::string states() {
    std::string all;
    for (const KnownKey& key : jwts.keys("ci").keys()) {
      all += key.fingerprint + "=" + std::string(key_state_name(key.state)) + " ";
    }
    return all;
  }
  int proofs() const { return loop.http.count("GET https://api.github.com/app"); }
  std::string signer_of_mint() {
    mint();
    return minted->ok() ? loop.signer.key_of(loop.http.calls().back().authorization) : "none";
  }
};

TEST(Watch, at_the_start_each_key_is_proven_once) {
  assert_int_equal(fixture.proofs(), 1);
  assert_string_equal(fixture.states().c_str(), "a=accepted ");
}

TEST(Watch, a_key_that_is_accepted_is_not_proven_again) {
  fixture.loop.advance(1h);
  assert_int_equal(fixture.proofs(), 1);
}

TEST(Watch, keys_are_read_again_every_fifteen_seconds) {
  const int before = fixture.loop.signer.refreshes;
  fixture.loop.advance(15s - 1ms);
  assert_int_equal(fixture.loop.signer.refreshes, before);
  fixture.loop.advance(1ms);
  assert_int_equal(fixture.loop.signer.refreshes, before + 1);
}

TEST(Watch, a_new_key_that_github_accepts_is_used_and_the_old_one_dropped) {
  fixture.have({{"b", "", false}, {"a", "", true}});
  fixture.keys_at_github = {"a", "b"};
  fixture.loop.advance(15s);
  assert_string_equal(fixture.signer_of_mint().c_str(), "b");
  fixture.loop.advance(15s);
  assert_string_equal(fixture.states().c_str(), "b=accepted ");
}

TEST(Watch, a_new_key_that_github_does_not_know_yet_leaves_the_old_one_in_use) {
  fixture.have({{"b", "", false}, {"a", "", true}});
  fixture.loop.advance(15s);
  assert_string_equal(fixture.signer_of_mint().c_str(), "a");
  assert_string_equal(fixture.states().c_str(), "b=refused a=accepted ");
}

TEST(Watch, it_is_used_once_github_knows_it) {
  fixture.have({{"b", "", false}, {"a", "", true}});
  fixture.loop.advance(15s);
  fixture.keys_at_github = {"a", "b"};
  fixture.loop.advance(30s);
  assert_string_equal(fixture.signer_of_mint().c_str(), "b");
}

TEST(Watch, a_key_whose_place_is_unreadable_stays_in_use) {
  fixture.have({{"a", "no such file", false}});
  fixture.loop.advance(15s);
  assert_string_equal(fixture.signer_of_mint().c_str(), "a");
}

TEST(Watch, rotation_fails_no_request) {
  int failed = 0;
  const auto mint_for = [&](std::chrono::seconds time) {
    for (auto passed = 0s; passed < time; passed += 1s) {
      fixture.loop.advance(1s);
      if (fixture.signer_of_mint() == "none") ++failed;
    }
  };
  mint_for(20s);
  fixture.keys_at_github = {"a", "b"};  // The new key is made at GitHub,
  mint_for(20s);
  fixture.have({{"b", "", false}, {"a", "", true}});  // its file replaces the old one,
  mint_for(40s);
  fixture.keys_at_github = {"b"};  // and the old one is removed at GitHub.
  mint_for(40s);
  assert_int_equal(failed, 0);
}

TEST(Watch, rotation_that_forgets_the_old_key_too_early_fails_no_request_either) {
  fixture.mint();
  fixture.have({{"b", "", false}, {"a", "", true}});
  fixture.keys_at_github = {"b"};
  assert_string_equal(fixture.signer_of_mint().c_str(), "b");
}

TEST(Watch, whoever_waits_for_a_good_key_is_told) { assert_int_equal(fixture.accepted, 1); }

TEST(Watch, what_github_thinks_of_a_key_is_logged) {
  fixture.have({{"b", "", false}, {"a", "", true}});
  fixture.loop.advance(15s);
  assert_int_equal(fixture.lines.count(R"(event="key accepted" app=ci fingerprint=a)"), 1);
  assert_int_equal(fixture.lines.count(R"(event="key not proven" app=ci fingerprint=b)"), 1);
}

TEST(Watch, a_signer_that_is_away_is_asked_again) {
  fixture.loop.signer.failure = Error{TOKMAN_E_SECRET_UNAVAILABLE, "the signer is gone"};
  fixture.loop.advance(15s);
  fixture.loop.signer.failure.reset();
  fixture.have({{"b", "", false}, {"a", "", true}});
  fixture.keys_at_github = {"a", "b"};
  fixture.loop.advance(15s);
  assert_string_equal(fixture.signer_of_mint().c_str(), "b");
}

TEST(Watch, nothing_is_called_back_once_it_is_gone) {
  fixture.watch->look();
  fixture.watch.reset();
  fixture.loop.advance(1min);
  assert_int_equal(fixture.accepted, 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Watch, at_the_start_each_key_is_proven_once),
      RUN(Watch, a_key_that_is_accepted_is_not_proven_again),
      RUN(Watch, keys_are_read_again_every_fifteen_seconds),
      RUN(Watch, a_new_key_that_github_accepts_is_used_and_the_old_one_dropped),
      RUN(Watch, a_new_key_that_github_does_not_know_yet_leaves_the_old_one_in_use),
      RUN(Watch, it_is_used_once_github_knows_it),
      RUN(Watch, a_key_whose_place_is_unreadable_stays_in_use),
      RUN(Watch, rotation_fails_no_request),
      RUN(Watch, rotation_that_forgets_the_old_key_too_early_fails_no_request_either),
      RUN(Watch, whoever_waits_for_a_good_key_is_told),
      RUN(Watch, what_github_thinks_of_a_key_is_logged),
      RUN(Watch, a_signer_that_is_away_is_asked_again),
      RUN(Watch, nothing_is_called_back_once_it_is_gone),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
