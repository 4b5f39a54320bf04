// Neither tokens nor JWTs are ever written to a log or told in an error, at any level.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/component/tokens/broker_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct SecrecyFixture : BrokerFixture {
  bool log_has_a_secret() const {
    return lines.count(kPlantedToken) + lines.count(kPlantedJwt) > 0;
  }
  bool store_has(std::string_view text) const {
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path())) {
      if (!file.is_regular_file()) continue;
      std::ifstream stream(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
  }
};

TEST(SecrecyFixture, a_token_is_really_given) {
  assert_true(fixture.ask().frame.find(kPlantedToken) != std::string::npos);
}

TEST(SecrecyFixture, minting_logs_the_fingerprint_and_not_the_token) {
  const std::string fingerprint = fixture.ask().fingerprint;
  assert_true(fixture.lines.count(fingerprint.substr(0, 40)) > 0);
  assert_false(fixture.log_has_a_secret());
}

TEST(SecrecyFixture, the_whole_life_of_a_token_logs_no_secret) {
  fixture.ask();
  fixture.loop.advance(41min);
  fixture.ask();
  fixture.restart();
  fixture.ask();
  fixture.loop.advance(2h);
  fixture.broker().stop();
  assert_true(fixture.lines.lines.size() > 1);
  assert_false(fixture.log_has_a_secret());
}

TEST(SecrecyFixture, an_answer_that_is_not_usable_is_not_logged) {
  const std::string body = R"({"token":")" + std::string(kPlantedToken) + R"(","expires_at":)";
  fixture.github.mint_failures.emplace_back(github_answer(201, body));
  fixture.start_asking();
  fixture.loop.advance(1s);
  assert_int_equal(fixture.lines.count("event=\"minting failed\""), 1);
  assert_false(fixture.log_has_a_secret());
}

TEST(SecrecyFixture, an_answer_that_is_not_usable_is_not_told) {
  const std::string body = R"({"token":")" + std::string(kPlantedToken) + R"(","expires_at":)";
  for (int i = 0; i < 100; ++i) {
    fixture.github.mint_failures.emplace_back(github_answer(201, body));
  }
  const TokenCaller& caller = fixture.start_asking();
  fixture.loop.advance(10s);
  assert_true(caller.error->message.find(kPlantedToken) == std::string::npos);
}

TEST(SecrecyFixture, the_store_holds_no_token_in_clear) {
  fixture.ask();
  fixture.kill();
  assert_false(fixture.store_has(kPlantedToken));
}

TEST(SecrecyFixture, the_store_holds_no_name_in_clear) {
  fixture.ask();
  fixture.kill();
  assert_false(fixture.store_has("hello-world") || fixture.store_has("octo-org"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(SecrecyFixture, a_token_is_really_given),
      RUN(SecrecyFixture, minting_logs_the_fingerprint_and_not_the_token),
      RUN(SecrecyFixture, the_whole_life_of_a_token_logs_no_secret),
      RUN(SecrecyFixture, an_answer_that_is_not_usable_is_not_logged),
      RUN(SecrecyFixture, an_answer_that_is_not_usable_is_not_told),
      RUN(SecrecyFixture, the_store_holds_no_token_in_clear),
      RUN(SecrecyFixture, the_store_holds_no_name_in_clear),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
