// What time it is at GitHub, learned from its answers, warned of and kept.
#include "daemon/services/github/github_time.h"

#include "daemon/platform/crypto/digest.h"
#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"
#include "tests/support/fake_github_answers.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;

constexpr const char* kApi = "https://api.github.com";

struct GithubTimes : GithubFixture {
  GithubTimes() {
    time.on_step([this](const std::string& api_base) { steps.push_back(api_base); });
  }

  std::vector<std::string> steps;

  void observe(seconds ahead, int status = 200, const std::string& api_base = kApi) {
    HttpResponse answer = github_answer(status, "{}");
    answer.headers["date"] = http_date(loop.clock.true_now() + ahead);
    time.observe(api_base, answer);
  }
  std::int64_t offset(const std::string& api_base = kApi) {
    return time.host(api_base).offset().count();
  }
  void write_to_store() {
    while (loop.background.step()) {
    }
  }
  // As a restart of the daemon would find it.
  HostClock after_restart(const std::string& boot_id = "this boot") {
    write_to_store();
    ClockStore clocks(*store.database, store.writer, log, boot_id);
    return GithubTime(loop.clock, clocks, log).host(kApi);
  }
};

TEST(GithubTimes, each_server_has_a_clock_of_its_own) {
  fixture.observe(20min);
  fixture.observe(-10min, 200, "https://ghe.example/api/v3");
  assert_int_equal(fixture.offset(), 1200);
  assert_int_equal(fixture.offset("https://ghe.example/api/v3"), -600);
}

TEST(GithubTimes, an_answer_to_an_app_tells_the_time) {
  fixture.loop.http.answer_once(GithubFixture::kFind, [&](const HttpCall&) {
    HttpResponse refusal = github_refusal(404, "Not Found");
    refusal.headers["date"] = http_date(fixture.loop.clock.true_now() + 20min);
    return refusal;
  });
  fixture.find();
  assert_int_equal(fixture.offset(), 1200);
}

TEST(GithubTimes, an_answer_without_a_usable_date_tells_nothing) {
  HttpResponse answer = github_answer(200, "{}");
  fixture.time.observe(kApi, answer);
  answer.headers["date"] = "yesterday";
  fixture.time.observe(kApi, answer);
  assert_int_equal(fixture.offset(), 0);
}

TEST(GithubTimes, a_401_confirms_its_date) {
  fixture.observe(0s);
  fixture.observe(20min, 200);
  assert_int_equal(fixture.offset(), 0);
  fixture.observe(0s);
  fixture.observe(20min, 401);
  assert_int_equal(fixture.offset(), 1200);
}

TEST(GithubTimes, a_step_is_told_and_noise_is_not) {
  fixture.observe(3s);
  assert_int_equal(fixture.steps.size(), 0);
  fixture.observe(20min, 401);
  assert_int_equal(fixture.steps.size(), 1);
  assert_true(fixture.steps.front() == kApi);
}

TEST(GithubTimes, the_offset_is_known_after_a_restart) {
  fixture.observe(-20min);
  assert_int_equal(fixture.after_restart().offset().count(), -1200);
}

TEST(GithubTimes, the_offset_is_known_after_the_machine_was_started_again) {
  fixture.observe(-20min);
  assert_int_equal(fixture.after_restart("another boot").offset().count(), -1200);
}

TEST(GithubTimes, a_step_of_the_wall_clock_during_a_restart_changes_nothing) {
  fixture.observe(0s);
  fixture.write_to_store();
  fixture.loop.clock.set_wall(-1h);
  const auto wrong = fixture.after_restart().now() - fixture.loop.clock.true_now();
  assert_true(std::chrono::abs(wrong) <= 1s);
}

TEST(GithubTimes, the_boot_clock_of_an_earlier_boot_means_nothing) {
  fixture.observe(0s);
  fixture.write_to_store();
  fixture.loop.clock.set_wall(-1h);
  assert_true(fixture.after_restart("another boot").now() == fixture.loop.clock.unix_now());
}

TEST(GithubTimes, without_the_id_of_the_boot_the_wall_clock_counts) {
  fixture.observe(-20min);
  fixture.loop.clock.set_wall(-1h);
  assert_int_equal(fixture.after_restart("").offset().count(), -1200);
}

TEST(GithubTimes, noise_is_not_written_to_the_store) {
  fixture.observe(0s);
  fixture.write_to_store();
  fixture.observe(1s);
  assert_false(fixture.loop.background.step());
}

TEST(GithubTimes, a_stored_offset_that_cannot_be_read_is_none) {
  const auto broken = [&](WriteTxn& txn) {
    return fixture.store.database->sealed(TableId::clocks)
        .put(txn, sha256(kApi), SecretBytes("soon"));
  };
  assert_true(fixture.store.database->store().write(broken).ok());
  assert_int_equal(fixture.offset(), 0);
  assert_int_equal(fixture.lines.count("stored clock offset not usable"), 1);
}

TEST(GithubTimes, an_offset_above_30_s_is_warned_of_once) {
  fixture.observe(30s);
  assert_int_equal(fixture.lines.count("clock is wrong"), 0);
  fixture.observe(40s, 401);
  fixture.observe(40s);
  assert_int_equal(fixture.lines.count("clock is wrong"), 1);
  assert_true(fixture.lines.line_with("clock is wrong").find("offset_s=40") != std::string::npos);
}

TEST(GithubTimes, that_the_clock_is_right_again_is_logged_once) {
  fixture.observe(20min);
  fixture.observe(0s, 401);
  fixture.observe(0s);
  assert_int_equal(fixture.lines.count("agrees with GitHub's again"), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(GithubTimes, each_server_has_a_clock_of_its_own),
      RUN(GithubTimes, an_answer_to_an_app_tells_the_time),
      RUN(GithubTimes, an_answer_without_a_usable_date_tells_nothing),
      RUN(GithubTimes, a_401_confirms_its_date),
      RUN(GithubTimes, a_step_is_told_and_noise_is_not),
      RUN(GithubTimes, the_offset_is_known_after_a_restart),
      RUN(GithubTimes, the_offset_is_known_after_the_machine_was_started_again),
      RUN(GithubTimes, a_step_of_the_wall_clock_during_a_restart_changes_nothing),
      RUN(GithubTimes, the_boot_clock_of_an_earlier_boot_means_nothing),
      RUN(GithubTimes, without_the_id_of_the_boot_the_wall_clock_counts),
      RUN(GithubTimes, noise_is_not_written_to_the_store),
      RUN(GithubTimes, a_stored_offset_that_cannot_be_read_is_none),
      RUN(GithubTimes, an_offset_above_30_s_is_warned_of_once),
      RUN(GithubTimes, that_the_clock_is_right_again_is_logged_once),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
