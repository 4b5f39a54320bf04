// GetToken's answer: rendered once, sent with one of three endings.
#include "daemon/services/tokens/token_answer.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct AnswerFixture {
  Permissions permissions = Permissions::parse({{"contents", "read"}}).value();
  std::vector<std::string> repositories{"hello-world"};
  std::string token = std::string(40, 't');

  SecretBytes render() const {
    return render_cached_answer({.token = token,
                                 .expires_at = UnixTime(std::chrono::seconds(2000)),
                                 .minted_at = UnixTime(std::chrono::seconds(1000)),
                                 .fingerprint = "abc=",
                                 .app = "ci",
                                 .installation_id = 42,
                                 .permissions = permissions,
                                 .repositories = repositories});
  }
  // The whole frame for a source, its NUL shown as a full stop.
  std::string frame(const std::string& source) const {
    return R"({"parameters":{"token":")" + token +
           R"(","expires_at":2000,"minted_at":1000,"fingerprint":"abc=","app":"ci",)"
           R"("installation_id":42,"permissions":{"contents":"read"},)"
           R"("repositories":["hello-world"],"source":")" +
           source + "\"}}.";
  }
  static std::string shown(const SecretBytes& bytes) {
    std::string text(bytes.reveal());
    for (char& letter : text) letter = letter == '\0' ? '.' : letter;
    return text;
  }
  std::string with_source(TokenSource source) const {
    return shown(answer_with_source(render(), source));
  }
};

TEST(AnswerFixture, an_answer_is_a_whole_frame) {
  assert_string_equal(AnswerFixture::shown(fixture.render()).c_str(),
                      fixture.frame("cache").c_str());
}

TEST(AnswerFixture, the_same_answer_says_minted) {
  assert_string_equal(fixture.with_source(TokenSource::minted).c_str(),
                      fixture.frame("minted").c_str());
}

TEST(AnswerFixture, the_same_answer_says_stale) {
  assert_string_equal(fixture.with_source(TokenSource::stale).c_str(),
                      fixture.frame("stale").c_str());
}

TEST(AnswerFixture, an_answer_may_say_what_became_of_a_rejected_token) {
  const SecretBytes answer =
      answer_to_rejection(fixture.render(), TokenSource::cache, RejectionOutcome::replication_lag);
  assert_string_equal(AnswerFixture::shown(answer).c_str(),
                      fixture.frame(R"(cache","rejection":"replication_lag)").c_str());
}

TEST(AnswerFixture, the_token_can_be_taken_out_of_an_answer) {
  assert_true(token_in_answer(fixture.render()).reveal() == fixture.token);
}

TEST(AnswerFixture, the_same_answer_says_cache) {
  assert_string_equal(fixture.with_source(TokenSource::cache).c_str(),
                      fixture.frame("cache").c_str());
}

TEST(AnswerFixture, a_list_has_all_of_it_but_the_token) {
  assert_string_equal(answer_without_secret(fixture.render()).dump().c_str(),
                      R"({"expires_at":2000,"minted_at":1000,"fingerprint":"abc=","app":"ci",)"
                      R"("installation_id":42,"permissions":{"contents":"read"},)"
                      R"("repositories":["hello-world"],"source":"cache"})");
}

TEST(AnswerFixture, a_token_of_4096_bytes_is_rendered_whole) {
  fixture.token.assign(4096, 't');
  assert_string_equal(fixture.with_source(TokenSource::stale).c_str(),
                      fixture.frame("stale").c_str());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(AnswerFixture, an_answer_is_a_whole_frame),
      RUN(AnswerFixture, the_same_answer_says_minted),
      RUN(AnswerFixture, the_same_answer_says_stale),
      RUN(AnswerFixture, an_answer_may_say_what_became_of_a_rejected_token),
      RUN(AnswerFixture, the_token_can_be_taken_out_of_an_answer),
      RUN(AnswerFixture, the_same_answer_says_cache),
      RUN(AnswerFixture, a_list_has_all_of_it_but_the_token),
      RUN(AnswerFixture, a_token_of_4096_bytes_is_rendered_whole),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
