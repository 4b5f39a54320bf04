// The signer's side of fetching: the test is the fetcher, at the other end of the socket.
#include "daemon/services/secrets/fetched_secrets.h"

#include <sys/socket.h>

#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_clock.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

constexpr const char* kPlace = "command:/usr/bin/first";
constexpr const char* kOther = "command:/usr/bin/other";

struct FetchedFixture {
  FakeClock clock;
  Config config;
  Fd fetcher;
  FetchedSecrets secrets{clock};
  std::string message;  // Of the last error.

  FetchedFixture() {
    int ends[2];
    ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends);
    fetcher.reset(ends[0]);
    secrets.use(Fd(ends[1]));
    config.secrets.refresh_interval = 5min;
    AppConfig app;
    app.private_keys = {"file:/etc/ci.pem", kPlace};
    config.apps = {app};
  }

  void advance(std::chrono::milliseconds time) { clock.go_to(clock.now() + time); }
  void name(std::vector<std::string> places) { config.apps[0].private_keys = std::move(places); }
  // "" if nothing was asked.
  std::string take_request() const {
    char place[4096];
    const ssize_t size = ::recv(fetcher.get(), place, sizeof place, 0);
    return size > 0 ? std::string(place, static_cast<std::size_t>(size)) : "";
  }
  void answer(const std::string& packet) const {
    (void)!::send(fetcher.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
  }
  // "" if it failed. What is not there is not waited for.
  std::string read_later(const std::string& place = kPlace) {
    advance(3s);
    return read(place);
  }
  std::string read(const std::string& place = kPlace) {
    const Result<SecretBytes> secret = secrets.read(place);
    message = secret.ok() ? "" : secret.error().message;
    return secret.ok() ? std::string(secret.value().reveal()) : "";
  }
  bool says(const std::string& words) const { return message.find(words) != std::string::npos; }
};

TEST(FetchedFixture, a_place_is_asked_for_as_soon_as_it_is_configured) {
  fixture.secrets.begin(fixture.config);
  assert_string_equal(fixture.take_request().c_str(), kPlace);
  assert_string_equal(fixture.take_request().c_str(), "");
}

TEST(FetchedFixture, the_key_for_jwts_of_clients_may_be_fetched_too) {
  fixture.config.access.jwt_key = "vault:kv/tokman#jwt_key";
  fixture.secrets.begin(fixture.config);
  assert_string_equal(fixture.take_request().c_str(), "vault:kv/tokman#jwt_key");
}

TEST(FetchedFixture, the_answer_is_the_secret_byte_for_byte) {
  fixture.secrets.begin(fixture.config);
  fixture.answer(std::string("+a\0b\n", 5));
  assert_true(fixture.read() == std::string("a\0b\n", 4));
}

TEST(FetchedFixture, a_first_answer_is_waited_for_no_longer_than_3_seconds) {
  fixture.secrets.begin(fixture.config);
  assert_string_equal(fixture.read_later().c_str(), "");
  assert_true(fixture.says("command:/usr/bin/first: is still being fetched"));
}

TEST(FetchedFixture, an_answer_that_comes_late_is_there_the_next_time) {
  fixture.secrets.begin(fixture.config);
  fixture.read_later();
  fixture.answer("+late");
  assert_string_equal(fixture.read().c_str(), "late");
}

TEST(FetchedFixture, what_was_answered_is_not_asked_again_within_the_refresh_interval) {
  fixture.secrets.begin(fixture.config);
  fixture.take_request();
  fixture.answer("+value");
  fixture.read();
  fixture.advance(5min - 1ms);
  assert_string_equal(fixture.read().c_str(), "value");
  assert_string_equal(fixture.take_request().c_str(), "");
}

TEST(FetchedFixture, after_the_refresh_interval_the_old_value_serves_until_the_new_one_is_there) {
  fixture.secrets.begin(fixture.config);
  fixture.take_request();
  fixture.answer("+old");
  fixture.read();
  fixture.advance(5min);
  assert_string_equal(fixture.read().c_str(), "old");
  assert_string_equal(fixture.take_request().c_str(), kPlace);
  fixture.answer("+new");
  assert_string_equal(fixture.read().c_str(), "new");
}

TEST(FetchedFixture, a_place_is_asked_for_once_at_a_time) {
  fixture.secrets.begin(fixture.config);
  fixture.take_request();
  fixture.advance(24h);
  fixture.read();
  fixture.read();
  assert_string_equal(fixture.take_request().c_str(), "");
}

TEST(FetchedFixture, an_error_is_told_and_tried_again_after_15_seconds) {
  fixture.secrets.begin(fixture.config);
  fixture.take_request();
  fixture.answer("-the vault is sealed");
  assert_string_equal(fixture.read().c_str(), "");
  assert_string_equal(fixture.message.c_str(), "the vault is sealed");
  fixture.advance(15s - 1ms);
  fixture.read();
  assert_string_equal(fixture.take_request().c_str(), "");
  fixture.advance(1ms);
  fixture.read();
  assert_string_equal(fixture.take_request().c_str(), kPlace);
  fixture.answer("+open again");
  assert_string_equal(fixture.read().c_str(), "open again");
}

TEST(FetchedFixture, answers_belong_to_requests_in_their_order) {
  fixture.name({kPlace, kOther});
  fixture.secrets.begin(fixture.config);
  fixture.answer("+one");
  fixture.answer("+two");
  assert_string_equal(fixture.read(kOther).c_str(), "two");
  assert_string_equal(fixture.read(kPlace).c_str(), "one");
}

TEST(FetchedFixture, the_answer_for_a_place_that_is_configured_no_more_goes_to_nobody) {
  fixture.secrets.begin(fixture.config);
  fixture.name({kOther});
  fixture.secrets.begin(fixture.config);
  fixture.answer("+one");
  fixture.answer("+two");
  assert_string_equal(fixture.read(kOther).c_str(), "two");
}

TEST(FetchedFixture, without_a_fetcher_it_is_said_what_to_do) {
  fixture.secrets.use(Fd());
  fixture.secrets.begin(fixture.config);
  fixture.read();
  assert_true(fixture.says("tokman-fetcher does not run; restart tokman-signer"));
}

TEST(FetchedFixture, a_fetcher_that_ends_is_noticed) {
  fixture.secrets.begin(fixture.config);
  fixture.answer("+value");
  fixture.read();
  fixture.fetcher.reset();
  fixture.advance(5min);
  fixture.read();
  assert_true(fixture.says("tokman-fetcher does not run; restart tokman-signer"));
}

TEST(FetchedFixture, only_what_is_not_on_this_host_is_fetched) {
  fixture.name({"file:/a", "env:A", "credential:a", "pkcs11:object=a", "command:/a", "vault:a/b#c",
                "aws-secretsmanager:eu-west-1/a"});
  assert_int_equal(fetched_places(fixture.config).size(), 3);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(FetchedFixture, a_place_is_asked_for_as_soon_as_it_is_configured),
      RUN(FetchedFixture, the_key_for_jwts_of_clients_may_be_fetched_too),
      RUN(FetchedFixture, the_answer_is_the_secret_byte_for_byte),
      RUN(FetchedFixture, a_first_answer_is_waited_for_no_longer_than_3_seconds),
      RUN(FetchedFixture, an_answer_that_comes_late_is_there_the_next_time),
      RUN(FetchedFixture, what_was_answered_is_not_asked_again_within_the_refresh_interval),
      RUN(FetchedFixture,
          after_the_refresh_interval_the_old_value_serves_until_the_new_one_is_there),
      RUN(FetchedFixture, a_place_is_asked_for_once_at_a_time),
      RUN(FetchedFixture, an_error_is_told_and_tried_again_after_15_seconds),
      RUN(FetchedFixture, answers_belong_to_requests_in_their_order),
      RUN(FetchedFixture, the_answer_for_a_place_that_is_configured_no_more_goes_to_nobody),
      RUN(FetchedFixture, without_a_fetcher_it_is_said_what_to_do),
      RUN(FetchedFixture, a_fetcher_that_ends_is_noticed),
      RUN(FetchedFixture, only_what_is_not_on_this_host_is_fetched),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
