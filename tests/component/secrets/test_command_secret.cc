// "command:" with real programs.
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#include <fstream>

#include "daemon/services/secrets/local_secret.h"
#include "daemon/services/secrets/secret_sources.h"
#include "tests/component/secrets/secret_servers.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct CommandFixture {
  TempFolder folder;
  SecretsConfig config;
  std::string message;  // Of the last error.

  CommandFixture() { config.timeout = std::chrono::seconds(5); }
  ~CommandFixture() { ::unsetenv("TOKMAN_TEST_PASSED"); }

  // "" if it failed.
  std::string read(const std::string& command) {
    const Result<SecretBytes> read = read_secret("command:" + command, config);
    message = read.ok() ? "" : read.error().message;
    return read.ok() ? std::string(read.value().reveal()) : "";
  }
  // The path of a program with these lines, for /bin/sh.
  std::string script(const std::string& lines) const {
    const std::string path = folder.file("script");
    std::ofstream(path) << "#!/bin/sh\n" << lines;
    ::chmod(path.c_str(), 0700);
    return path;
  }
  std::string run(const std::string& lines) { return read(script(lines)); }
  bool says(const std::string& words) const { return message.find(words) != std::string::npos; }
};

TEST(CommandFixture, the_output_is_the_secret) {
  assert_string_equal(fixture.read("/bin/echo the secret").c_str(), "the secret");
}

TEST(CommandFixture, one_line_end_at_the_end_is_not_part_of_it) {
  assert_string_equal(fixture.run("printf 'a\\nb\\n\\n'").c_str(), "a\nb\n");
  assert_string_equal(fixture.run("printf 'a\\r\\n'").c_str(), "a");
  assert_string_equal(fixture.run("printf 'a'").c_str(), "a");
}

TEST(CommandFixture, words_are_split_at_spaces_and_nothing_else_happens_to_them) {
  assert_string_equal(fixture.read("/bin/echo   *  ~ a;b&c").c_str(), "* ~ a;b&c");
}

TEST(CommandFixture, what_only_a_shell_understands_is_no_place_of_a_secret) {
  for (const char* command : {"/bin/echo 'a b'", "/bin/echo \"a\"", "/bin/echo $HOME", "echo a",
                              "/bin/echo a | cat", "/bin/echo `id`", "/bin/echo a\\ b"}) {
    fixture.read(command);
    assert_true(fixture.says("is no place of a secret"));
  }
}

TEST(CommandFixture, a_program_that_is_missing_is_an_error) {
  fixture.read("/no/such/program");
  assert_true(fixture.says("/no/such/program: No such file or directory"));
}

TEST(CommandFixture, a_failure_is_told_by_the_first_line_of_the_complaint_alone) {
  assert_string_equal(fixture.run("echo planted; echo why >&2; echo more >&2; exit 3").c_str(), "");
  assert_true(fixture.says("failed with status 3: why"));
  assert_false(fixture.says("more"));
  assert_false(fixture.says("planted"));
}

TEST(CommandFixture, a_long_complaint_is_cut) {
  fixture.run("printf '%05000d' 0 >&2; exit 1");
  assert_true(fixture.message.size() < 500);
}

TEST(CommandFixture, a_program_that_is_killed_is_an_error) {
  fixture.run("echo planted; kill -9 $$");
  assert_true(fixture.says("was ended by signal 9"));
}

TEST(CommandFixture, no_output_is_an_error) {
  fixture.read("/bin/true");
  assert_true(fixture.says("is empty"));
}

TEST(CommandFixture, as_much_output_as_a_secret_may_have_is_taken) {
  assert_int_equal(fixture.run("printf '%065536d' 0").size(), kSecretBytesMax);
}

TEST(CommandFixture, output_without_end_is_an_error) {
  fixture.read("/usr/bin/yes");
  assert_true(fixture.says("wrote more than 65536 bytes"));
}

TEST(CommandFixture, a_program_that_does_not_end_is_killed_with_all_it_started) {
  fixture.config.timeout = std::chrono::milliseconds(200);
  const std::string pid_file = fixture.folder.file("pid");
  fixture.run("cat /dev/zero >/dev/null & echo $! > " + pid_file + "; cat /dev/zero >/dev/null");
  assert_true(fixture.says("did not end within 200ms"));
  pid_t left = 0;
  std::ifstream(pid_file) >> left;
  pollfd ended{static_cast<int>(::syscall(SYS_pidfd_open, left, 0)), POLLIN, 0};
  const bool is_gone = ended.fd < 0 || ::poll(&ended, 1, 5000) == 1;
  if (ended.fd >= 0) ::close(ended.fd);
  assert_true(is_gone);
}

TEST(CommandFixture, what_a_program_leaves_running_is_not_waited_for) {
  fixture.config.timeout = std::chrono::seconds(60);
  assert_string_equal(fixture.run("cat /dev/zero >&2 & echo secret").c_str(), "secret");
}

TEST(CommandFixture, a_program_sees_a_few_variables_only) {
  ::setenv("TOKMAN_TEST_PASSED", "passed", 1);
  assert_string_equal(fixture.run("echo \"[$TOKMAN_TEST_PASSED]\"").c_str(), "[]");
  fixture.config.command_environment = {"TOKMAN_TEST_PASSED"};
  assert_string_equal(fixture.run("echo \"[$TOKMAN_TEST_PASSED]\"").c_str(), "[passed]");
}

TEST(CommandFixture, a_program_gets_no_descriptor_of_ours) {
  const int leaked = ::dup(STDERR_FILENO);  // Without close-on-exec.
  const std::string open = fixture.read("/bin/ls /proc/self/fd");
  ::close(leaked);
  assert_string_equal(open.c_str(), "0\n1\n2\n3");  // 3 is ls's own, for the folder.
}

TEST(CommandFixture, a_program_has_no_input) {
  assert_string_equal(fixture.run("cat; echo end").c_str(), "end");
}

TEST(CommandFixture, a_signal_that_we_ignore_still_ends_a_program) {
  ::signal(SIGTERM, SIG_IGN);
  fixture.run("kill -TERM $$; echo survived");
  ::signal(SIGTERM, SIG_DFL);
  assert_true(fixture.says("was ended by signal 15"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(CommandFixture, the_output_is_the_secret),
      RUN(CommandFixture, one_line_end_at_the_end_is_not_part_of_it),
      RUN(CommandFixture, words_are_split_at_spaces_and_nothing_else_happens_to_them),
      RUN(CommandFixture, what_only_a_shell_understands_is_no_place_of_a_secret),
      RUN(CommandFixture, a_program_that_is_missing_is_an_error),
      RUN(CommandFixture, a_failure_is_told_by_the_first_line_of_the_complaint_alone),
      RUN(CommandFixture, a_long_complaint_is_cut),
      RUN(CommandFixture, a_program_that_is_killed_is_an_error),
      RUN(CommandFixture, no_output_is_an_error),
      RUN(CommandFixture, as_much_output_as_a_secret_may_have_is_taken),
      RUN(CommandFixture, output_without_end_is_an_error),
      RUN(CommandFixture, a_program_that_does_not_end_is_killed_with_all_it_started),
      RUN(CommandFixture, what_a_program_leaves_running_is_not_waited_for),
      RUN(CommandFixture, a_program_sees_a_few_variables_only),
      RUN(CommandFixture, a_program_gets_no_descriptor_of_ours),
      RUN(CommandFixture, a_program_has_no_input),
      RUN(CommandFixture, a_signal_that_we_ignore_still_ends_a_program),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
