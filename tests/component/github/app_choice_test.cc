// Which app is meant where none is named: two apps on two GitHubs, and a real directory.
#include <set>

#include "daemon/services/github/app_choice.h"
#include "tests/component/github/directory_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

struct ChoiceFixture : DirectoryFixture {
  static constexpr const char* kHere = "https://api.github.com";
  static constexpr const char* kThere = "https://ghes.example.org/api/v3";

  ChoiceFixture() {
    other.api_base = kThere;
    loop.http.answer_all([this](const HttpCall& call) { return answer(call); });
  }

  AppConfig other = make_app("ghes");
  std::set<std::string> covering{kHere};  // Of octo-org/hello-world.
  std::set<std::string> down;
  AppChoice choice{*directory, loop.clock, loop.timers};
  OperationPtr operation;
  std::optional<AppChoice::Chosen> chosen;

  AppChoice::Question question() const { return {{app, other}, {"octo-org", "hello-world"}}; }
  void start() {
    chosen = choice.find(question());
    if (chosen) return;
    operation = choice.choose(question(), loop.clock.now() + seconds(25),
                              [this](const AppChoice::Chosen& app_name) { chosen = app_name; });
  }
  void choose() {
    start();
    loop.run();
  }
  std::string name() const { return chosen && chosen->ok() ? chosen->value() : ""; }
  tokman_error error_code() const { return chosen->error().code; }

 private:
  Result<HttpResponse> answer(const HttpCall& call) const {
    const std::string base = call.url.starts_with(kHere) ? kHere : kThere;
    if (down.contains(base)) return Error{TOKMAN_E_UPSTREAM_DOWN, "connection refused"};
    const bool is_asked_for = call.url == base + "/repos/octo-org/hello-world/installation";
    if (!is_asked_for || !covering.contains(base)) return github_refusal(404, "Not Found");
    return github_answer(200, installation_body(42, "octo-org"));
  }
};

TEST(ChoiceFixture, the_app_that_covers_the_target_is_chosen) {
  fixture.choose();
  assert_string_equal(fixture.name().c_str(), "ci");
}

TEST(ChoiceFixture, all_candidates_are_asked_for_at_once) {
  fixture.loop.http.is_hanging = true;
  fixture.choose();
  assert_int_equal(fixture.requests(), 2);
}

TEST(ChoiceFixture, the_next_choice_asks_nobody) {
  fixture.choose();
  const int before = fixture.requests();
  fixture.choose();
  assert_string_equal(fixture.name().c_str(), "ci");
  assert_int_equal(fixture.requests(), before);
}

TEST(ChoiceFixture, two_that_cover_the_target_are_too_many) {
  fixture.covering.insert(fixture.kThere);
  fixture.choose();
  assert_int_equal(fixture.error_code(), TOKMAN_E_INVALID_ARGUMENT);
}

TEST(ChoiceFixture, an_app_that_covers_nothing_yet_is_asked_for_again_in_a_minute) {
  fixture.covering.clear();
  fixture.choose();
  assert_int_equal(fixture.error_code(), TOKMAN_E_APP_NOT_INSTALLED);
  fixture.covering.insert(fixture.kThere);
  fixture.loop.advance(minutes(1));
  fixture.choose();
  assert_string_equal(fixture.name().c_str(), "ghes");
}

TEST(ChoiceFixture, a_pinned_installation_is_not_asked_for) {
  fixture.app.installations["octo-org"] = 7;
  fixture.down.insert(fixture.kHere);
  fixture.choose();
  assert_string_equal(fixture.name().c_str(), "ci");
}

TEST(ChoiceFixture, a_github_that_is_down_leaves_the_choice_open) {
  fixture.down.insert(fixture.kThere);
  fixture.choose();
  assert_int_equal(fixture.error_code(), TOKMAN_E_UPSTREAM_DOWN);
}

TEST(ChoiceFixture, a_choice_once_made_outlives_an_outage) {
  fixture.choose();
  fixture.down = {fixture.kHere, fixture.kThere};
  fixture.loop.advance(minutes(90));
  fixture.choose();
  assert_string_equal(fixture.name().c_str(), "ci");
}

TEST(ChoiceFixture, a_refusal_that_contradicts_it_ends_a_choice) {
  fixture.choose();
  fixture.covering = {fixture.kThere};
  fixture.choice.note_refusal("octo-org", {TOKMAN_E_APP_NOT_INSTALLED, "gone"});
  fixture.choose();
  assert_string_equal(fixture.name().c_str(), "ghes");
}

TEST(ChoiceFixture, a_refusal_for_another_cause_leaves_the_choice) {
  fixture.choose();
  const int before = fixture.requests();
  fixture.choice.note_refusal("octo-org", {TOKMAN_E_PERMISSION_NOT_GRANTED, "no"});
  fixture.choose();
  assert_int_equal(fixture.requests(), before);
}

TEST(ChoiceFixture, a_choice_that_github_leaves_open_ends_in_time) {
  fixture.loop.http.is_hanging = true;
  fixture.start();
  fixture.loop.advance(seconds(25));
  assert_int_equal(fixture.error_code(), TOKMAN_E_TIMED_OUT);
}

TEST(ChoiceFixture, one_who_leaves_is_not_called_back) {
  fixture.start();
  fixture.operation.reset();
  fixture.loop.run();
  assert_false(fixture.chosen.has_value());
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(ChoiceFixture, the_app_that_covers_the_target_is_chosen),
      RUN(ChoiceFixture, all_candidates_are_asked_for_at_once),
      RUN(ChoiceFixture, the_next_choice_asks_nobody),
      RUN(ChoiceFixture, two_that_cover_the_target_are_too_many),
      RUN(ChoiceFixture, an_app_that_covers_nothing_yet_is_asked_for_again_in_a_minute),
      RUN(ChoiceFixture, a_pinned_installation_is_not_asked_for),
      RUN(ChoiceFixture, a_github_that_is_down_leaves_the_choice_open),
      RUN(ChoiceFixture, a_choice_once_made_outlives_an_outage),
      RUN(ChoiceFixture, a_refusal_that_contradicts_it_ends_a_choice),
      RUN(ChoiceFixture, a_refusal_for_another_cause_leaves_the_choice),
      RUN(ChoiceFixture, a_choice_that_github_leaves_open_ends_in_time),
      RUN(ChoiceFixture, one_who_leaves_is_not_called_back),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
