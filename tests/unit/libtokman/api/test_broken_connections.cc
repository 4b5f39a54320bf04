// What the C API does when the daemon is away, goes away, or answers nonsense.
#include <thread>

#include "tests/support/cmocka_cpp.h"
#include "tests/unit/libtokman/session.h"

using tokman::Session;
using tokman::token_reply;

namespace {

TEST(Session, a_restarted_daemon_is_not_noticed) {
  assert_int_equal(fixture.get(), 0);
  fixture.daemon.stop();
  fixture.daemon.start();
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.connections(), 2);
}

TEST(Session, a_daemon_that_comes_back_in_time_is_waited_for) {
  fixture.get();
  fixture.daemon.stop();
  std::thread later([&] { fixture.daemon.start(); });
  const int code = fixture.get();
  later.join();
  assert_int_equal(code, 0);
}

TEST(Session, a_request_is_repeated_when_the_daemon_hangs_up_on_it) {
  fixture.daemon.will_hang_up();
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.calls().size(), 2);
}

TEST(Session, a_request_is_repeated_when_the_daemon_hangs_up_in_its_answer) {
  fixture.daemon.will_answer_and_hang_up(token_reply().substr(0, 50));
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.calls().size(), 2);
}

TEST(Session, a_request_is_repeated_when_the_daemon_is_shutting_down) {
  fixture.daemon.will_answer_and_hang_up(
      tokman::error_reply("ShuttingDown", R"({"message":"bye"})"));
  assert_int_equal(fixture.get(), 0);
}

TEST(Session, a_request_that_ends_every_connection_is_given_up) {
  for (int i = 0; i < 100; ++i) fixture.daemon.will_hang_up();
  assert_int_equal(fixture.get(), TOKMAN_E_DAEMON_UNREACHABLE);
  assert_int_equal(fixture.daemon.calls().size(), 6);
  assert_true(fixture.message().ends_with("hung up"));
}

TEST(Session, a_daemon_that_keeps_shutting_down_says_so_itself) {
  for (int i = 0; i < 100; ++i) {
    fixture.daemon.will_answer(tokman::error_reply("ShuttingDown", R"({"message":"bye"})"));
  }
  assert_int_equal(fixture.get(), TOKMAN_E_SHUTTING_DOWN);
  assert_string_equal(fixture.message().c_str(), "bye");
}

TEST(Session, an_admin_call_that_was_sent_is_not_repeated) {
  fixture.daemon.will_hang_up();
  assert_int_equal(fixture.call(), TOKMAN_E_DAEMON_UNREACHABLE);
  assert_int_equal(fixture.daemon.calls().size(), 1);
}

TEST(Session, an_admin_call_is_not_repeated_when_the_daemon_is_shutting_down) {
  fixture.daemon.will_answer(tokman::error_reply("ShuttingDown", R"({"message":"bye"})"));
  assert_int_equal(fixture.call(), TOKMAN_E_SHUTTING_DOWN);
  assert_int_equal(fixture.daemon.calls().size(), 1);
}

TEST(Session, an_admin_call_reconnects_if_the_daemon_hung_up_before_it) {
  fixture.get();
  fixture.daemon.stop();
  fixture.daemon.start();
  assert_int_equal(fixture.call(), 0);
  assert_int_equal(fixture.daemon.calls().size(), 2);
}

TEST(Session, a_silent_daemon_times_out) {
  tokman_client_set_timeout_ms(fixture.client, 20);
  fixture.daemon.will_stay_silent();
  assert_int_equal(fixture.get(), TOKMAN_E_TIMED_OUT);
  assert_true(fixture.message().find("20 ms") != std::string::npos);
}

TEST(Session, an_answer_that_comes_too_late_is_not_taken_for_the_next_one) {
  tokman_client_set_timeout_ms(fixture.client, 20);
  fixture.daemon.will_stay_silent();
  fixture.get();
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.connections(), 2);
}

TEST(Session, a_daemon_that_was_never_there_is_given_up_also_without_a_timeout) {
  fixture.daemon.stop();
  tokman_client_set_timeout_ms(fixture.client, 0);
  assert_int_equal(tokman_client_connect(fixture.client), TOKMAN_E_DAEMON_UNREACHABLE);
  assert_string_equal(fixture.message().c_str(),
                      ("connecting to " + fixture.daemon.socket() +
                       ": No such file or directory: is tokmand running?")
                          .c_str());
}

TEST(Session, a_socket_that_no_path_can_name_is_an_error_at_once) {
  tokman_client_set_socket(fixture.client, std::string(200, 'x').c_str());
  assert_int_equal(fixture.get(), TOKMAN_E_SYSTEM);
}

TEST(Session, another_socket_is_another_daemon) {
  fixture.get();
  tokman_client_set_timeout_ms(fixture.client, 1);
  tokman_client_set_socket(fixture.client, "/nonexistent/socket");
  assert_int_equal(fixture.get(), TOKMAN_E_DAEMON_UNREACHABLE);
}

TEST(Session, connecting_early_asks_nothing) {
  assert_int_equal(tokman_client_connect(fixture.client), 0);
  assert_int_equal(tokman_client_connect(fixture.client), 0);
  assert_int_equal(fixture.daemon.calls().size(), 0);
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.connections(), 1);
}

TEST(Session, nonsense_is_a_misunderstanding_and_ends_the_connection) {
  for (const char* text : {"", "HTTP/1.1 200 OK", "{", "[]", "{\"error\":7}", "{}"}) {
    fixture.daemon.will_answer(std::string(text) + '\0');
    assert_int_equal(fixture.get(), TOKMAN_E_PROTOCOL);
  }
  assert_int_equal(fixture.get(), 0);
  assert_int_equal(fixture.daemon.connections(), 7);
}

TEST(Session, two_answers_to_one_call_are_a_misunderstanding) {
  fixture.daemon.will_answer(token_reply() + token_reply());
  assert_int_equal(fixture.get(), TOKMAN_E_PROTOCOL);
  assert_int_equal(fixture.get(), 0);
}

TEST(Session, an_answer_without_end_is_a_misunderstanding) {
  fixture.daemon.will_answer(std::string(17 * 1024 * 1024, 'x'));
  assert_int_equal(fixture.get(), TOKMAN_E_PROTOCOL);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Session, a_restarted_daemon_is_not_noticed),
      RUN(Session, a_daemon_that_comes_back_in_time_is_waited_for),
      RUN(Session, a_request_is_repeated_when_the_daemon_hangs_up_on_it),
      RUN(Session, a_request_is_repeated_when_the_daemon_hangs_up_in_its_answer),
      RUN(Session, a_request_is_repeated_when_the_daemon_is_shutting_down),
      RUN(Session, a_request_that_ends_every_connection_is_given_up),
      RUN(Session, a_daemon_that_keeps_shutting_down_says_so_itself),
      RUN(Session, an_admin_call_that_was_sent_is_not_repeated),
      RUN(Session, an_admin_call_is_not_repeated_when_the_daemon_is_shutting_down),
      RUN(Session, an_admin_call_reconnects_if_the_daemon_hung_up_before_it),
      RUN(Session, a_silent_daemon_times_out),
      RUN(Session, an_answer_that_comes_too_late_is_not_taken_for_the_next_one),
      RUN(Session, a_daemon_that_was_never_there_is_given_up_also_without_a_timeout),
      RUN(Session, a_socket_that_no_path_can_name_is_an_error_at_once),
      RUN(Session, another_socket_is_another_daemon),
      RUN(Session, connecting_early_asks_nothing),
      RUN(Session, nonsense_is_a_misunderstanding_and_ends_the_connection),
      RUN(Session, two_answers_to_one_call_are_a_misunderstanding),
      RUN(Session, an_answer_without_end_is_a_misunderstanding),
  };
  return cmocka_run_group_tests_name("broken connections", tests, nullptr, nullptr);
}
