// The doctor's examination: what it asks of whom, and that it comes to an end.
#include "daemon/services/operations/doctor.h"

#include "tests/component/github/github_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using std::chrono::seconds;

constexpr const char* kApp = R"({"id":12345,"slug":"ci-bot","owner":{"login":"octo-org"},)"
                             R"("permissions":{"contents":"write"},"installations_count":1})";
constexpr const char* kInstallations =
    R"([{"id":42,"account":{"login":"octo-org"},"updated_at":"2026-11-21T20:04:41Z"}])";

struct DoctorFixture : GithubFixture {
  DoctorFixture() {
    auto config = std::make_shared<Config>();
    config->apps.push_back(app);
    live.emplace(std::move(config));
    doctor.emplace(
        Doctor::World{loop.clock, loop.timers, loop.background, *live, jwts, github, time, [this] {
                        return HostLook{folder.path(), 0, ""};
                      }});
  }
  std::optional<LiveConfig> live;
  std::optional<Doctor> doctor;
  std::vector<OperationPtr> operations;
  std::vector<Findings> reports;

  void answer_well() {
    loop.http.answer_once("GET https://api.github.com/app", 200, kApp);
    loop.http.answer_once("GET https://api.github.com/app/installations?per_page=100", 200,
                          kInstallations);
  }
  void examine() {
    operations.push_back(
        doctor->examine([this](const Findings& findings) { reports.push_back(findings); }));
  }
  const Finding& finding(const std::string& name) const {
    for (const Finding& each : reports.at(0)) {
      if (each.name == name) return each;
    }
    return reports.at(0).at(0);
  }
};

TEST(DoctorFixture, an_app_in_order_is_told_with_its_installations) {
  fixture.answer_well();
  fixture.examine();
  fixture.loop.run();
  assert_string_equal(fixture.finding("app:ci").text.c_str(),
                      "GitHub knows it as 'ci-bot' of octo-org, id 12345");
  assert_string_equal(fixture.finding("installations:ci").text.c_str(), "octo-org (42)");
}

TEST(DoctorFixture, two_who_ask_at_once_get_one_examination) {
  fixture.answer_well();
  fixture.examine();
  fixture.examine();
  fixture.loop.run();
  assert_int_equal(fixture.reports.size(), 2);
  assert_int_equal(fixture.loop.http.calls().size(), 2);
}

TEST(DoctorFixture, a_github_that_does_not_answer_is_reported_in_time) {
  fixture.loop.http.is_hanging = true;
  fixture.examine();
  fixture.loop.advance(seconds(19));
  assert_true(fixture.reports.empty());
  fixture.loop.advance(seconds(1));
  assert_true(fixture.finding("github:ci").verdict == Verdict::bad);
}

TEST(DoctorFixture, installations_that_cannot_be_listed_are_doubtful) {
  fixture.loop.http.answer_once("GET https://api.github.com/app", 200, kApp);
  fixture.examine();
  fixture.loop.run();
  assert_true(fixture.finding("installations:ci").verdict == Verdict::doubtful);
}

TEST(DoctorFixture, nobody_who_left_is_called_back_and_the_next_is_answered) {
  fixture.answer_well();
  fixture.examine();
  fixture.operations.clear();
  fixture.loop.run();
  assert_true(fixture.reports.empty());
  fixture.answer_well();
  fixture.examine();
  fixture.loop.run();
  assert_int_equal(fixture.reports.size(), 1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(DoctorFixture, an_app_in_order_is_told_with_its_installations),
      RUN(DoctorFixture, two_who_ask_at_once_get_one_examination),
      RUN(DoctorFixture, a_github_that_does_not_answer_is_reported_in_time),
      RUN(DoctorFixture, installations_that_cannot_be_listed_are_doubtful),
      RUN(DoctorFixture, nobody_who_left_is_called_back_and_the_next_is_answered),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
