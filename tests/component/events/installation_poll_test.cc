// Changes at GitHub that no webhook told of.
#include "daemon/services/events/installation_poll.h"

#include "tests/component/events/event_fixture.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

using namespace std::chrono_literals;

struct PollFixture : EventFixture {
  PollFixture() {
    for (auto& [owner, account] : github.accounts) account.updated_at = loop.clock.unix_now();
    poll.start();
  }

  static std::shared_ptr<const Config> make_config() {
    auto config = std::make_shared<Config>();
    config->apps = {make_app()};
    config->daemon.installation_poll = 5min;
    return config;
  }

  LiveConfig live{make_config()};
  InstallationPoll poll{{live, running->client, running->installations, actions, log, loop.clock,
                         loop.timers, loop.random}};

  void use_both() {
    ask();
    ask(order_of("mona", "notes"));
  }
  int lists() const { return loop.http.count("GET https://api.github.com/app/installations?"); }
  int whole_lists() const { return lists() - loop.http.count("&since="); }
  // Long enough for one poll, with its jitter.
  void poll_once() { loop.advance(5min + 30s); }
  void change(FakeGithubAnswers::Account& account) { account.updated_at = loop.clock.unix_now(); }
};

TEST(PollFixture, an_app_with_several_installations_is_polled_every_five_minutes) {
  fixture.use_both();
  fixture.loop.advance(31min);
  assert_in_range(fixture.lists(), 5, 7);
}

TEST(PollFixture, an_app_with_one_installation_is_not_polled) {
  fixture.ask();
  fixture.loop.advance(31min);
  assert_int_equal(fixture.lists(), 0);
}

TEST(PollFixture, the_whole_list_is_asked_for_once_an_hour) {
  fixture.use_both();
  fixture.loop.advance(55min);
  assert_int_equal(fixture.whole_lists(), 1);
  fixture.loop.advance(15min);
  assert_int_equal(fixture.whole_lists(), 2);
}

TEST(PollFixture, most_polls_ask_for_what_has_changed_since_the_last_change_seen) {
  fixture.use_both();
  const UnixTime newest = fixture.octo().updated_at;
  fixture.poll_once();
  fixture.poll_once();
  assert_int_equal(fixture.loop.http.count("&since=" + github_time(newest - 60s)), 1);
}

TEST(PollFixture, the_first_list_changes_nothing) {
  fixture.use_both();
  fixture.poll_once();
  assert_true(fixture.is_cached(fixture.order()));
}

TEST(PollFixture, a_suspension_is_noticed) {
  fixture.use_both();
  fixture.poll_once();
  fixture.octo().is_suspended = true;
  fixture.change(fixture.octo());
  fixture.poll_once();
  assert_int_equal(fixture.broker().cache().size(), 1);
  assert_true(fixture.is_refused_at_once(TOKMAN_E_INSTALLATION_SUSPENDED));
}

TEST(PollFixture, the_end_of_a_suspension_is_noticed) {
  fixture.use_both();
  fixture.octo().is_suspended = true;
  fixture.poll_once();
  fixture.octo().is_suspended = false;
  fixture.change(fixture.octo());
  fixture.poll_once();
  assert_true(fixture.ask().has_token());
}

TEST(PollFixture, accepted_permissions_are_noticed) {
  fixture.use_both();
  fixture.poll_once();
  fixture.loop.advance(4min);
  fixture.fail_mints(1, 422, "The permissions requested are not granted to this installation.");
  assert_false(fixture.ask(fixture.order("spoon-knife")).has_token());
  fixture.change(fixture.octo());
  fixture.loop.advance(2min);
  assert_true(fixture.ask(fixture.order("spoon-knife")).has_token());
}

TEST(PollFixture, a_new_id_is_learned_without_a_look_up) {
  fixture.use_both();
  fixture.poll_once();
  fixture.reinstall(99);
  fixture.change(fixture.octo());
  fixture.poll_once();
  const int look_ups = fixture.look_ups();
  assert_true(fixture.ask().has_token());
  assert_int_equal(fixture.look_ups(), look_ups);
}

TEST(PollFixture, an_installation_that_is_gone_is_noticed_within_the_hour) {
  fixture.use_both();
  fixture.poll_once();
  fixture.github.accounts.erase("mona");
  fixture.loop.advance(65min);
  assert_int_equal(fixture.running->installations.known_id(fixture.app, "mona"), 0);
}

TEST(PollFixture, a_renamed_account_is_known_by_its_new_name) {
  fixture.use_both();
  fixture.poll_once();
  fixture.github.accounts["new-org"] = fixture.octo();
  fixture.change(fixture.github.accounts["new-org"]);
  fixture.github.accounts.erase("octo-org");
  fixture.poll_once();
  assert_int_equal(fixture.running->installations.known_id(fixture.app, "new-org"), 42);
  assert_int_equal(fixture.running->installations.known_id(fixture.app, "octo-org"), 0);
}

TEST(PollFixture, a_poll_that_fails_is_logged_and_made_again) {
  fixture.use_both();
  fixture.loop.http.answer_once("GET https://api.github.com/app/installations?per_page=100", 502,
                                "");
  fixture.poll_once();
  assert_int_equal(fixture.lines.count("installations not listed"), 1);
  assert_false(fixture.poll.last_success("ci").has_value());
  fixture.poll_once();
  assert_true(fixture.poll.last_success("ci").has_value());
}

TEST(PollFixture, all_pages_are_read) {
  fixture.use_both();
  fixture.loop.http.answer_once(
      "GET https://api.github.com/app/installations?per_page=100", [](const HttpCall&) {
        return github_answer(200, "[]",
                             {{"link",
                               "<https://api.github.com/app/installations?per_page=100&page=2>; "
                               "rel=\"next\", <https://api.github.com/app/installations?page=2>; "
                               "rel=\"last\""}});
      });
  fixture.poll_once();
  assert_int_equal(fixture.loop.http.count("&page=2"), 1);
  assert_int_equal(fixture.running->installations.known_id(fixture.app, "mona"), 43);
}

TEST(PollFixture, a_link_to_another_host_is_not_followed) {
  fixture.use_both();
  fixture.loop.http.answer_once(
      "GET https://api.github.com/app/installations?per_page=100", [](const HttpCall&) {
        return github_answer(200, "[]",
                             {{"link", "<https://api.github.com.evil.example/x>; rel=\"next\""}});
      });
  fixture.poll_once();
  assert_int_equal(fixture.loop.http.count("evil"), 0);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(PollFixture, an_app_with_several_installations_is_polled_every_five_minutes),
      RUN(PollFixture, an_app_with_one_installation_is_not_polled),
      RUN(PollFixture, the_whole_list_is_asked_for_once_an_hour),
      RUN(PollFixture, most_polls_ask_for_what_has_changed_since_the_last_change_seen),
      RUN(PollFixture, the_first_list_changes_nothing),
      RUN(PollFixture, a_suspension_is_noticed),
      RUN(PollFixture, the_end_of_a_suspension_is_noticed),
      RUN(PollFixture, accepted_permissions_are_noticed),
      RUN(PollFixture, a_new_id_is_learned_without_a_look_up),
      RUN(PollFixture, an_installation_that_is_gone_is_noticed_within_the_hour),
      RUN(PollFixture, a_renamed_account_is_known_by_its_new_name),
      RUN(PollFixture, a_poll_that_fails_is_logged_and_made_again),
      RUN(PollFixture, all_pages_are_read),
      RUN(PollFixture, a_link_to_another_host_is_not_followed),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
