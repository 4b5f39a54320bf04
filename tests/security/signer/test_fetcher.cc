// The real tokman-fetcher, alone and beside the real tokman-signer.
#include <poll.h>

#include <filesystem>

#include "daemon/platform/linux/sandbox.h"
#include "daemon/services/secrets/fetched_secrets.h"
#include "tests/security/signer/running_signer.h"
#include "tests/unit/signer/generated_key.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

const GeneratedKey& key() {
  static const GeneratedKey generated;
  return generated;
}
struct Fetcher : RunningSigner {
  Fd signers_end;  // Of a fetcher that was started alone.

  Fetcher() {
    write_file("key.pem", key().pkcs1());
    write_config(command());
  }
  ~Fetcher() {
    signers_end.reset();
    end();
  }

  std::string command() const { return "/bin/cat " + path("key.pem"); }
  void write_config(const std::string& words, const std::string& more = "") {
    write_file("tokman.toml",
               "[store]\nkey = \"env:STORE_KEY\"\n[daemon]\nlog_level = \"debug\"\n"
               "[secrets]\nrefresh_interval = \"1s\"\n" +
                   more + "[[app]]\nname = \"ci\"\napp_id = 12345\nprivate_keys = [\"command:" +
                   words + "\"]\n");
  }

  void start_alone() {
    int ends[2];
    ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    signers_end.reset(ends[0]);
    const Fd theirs(ends[1]);
    run({"--fd", "3"}, theirs.get(), TOKMAN_FETCHER_PROGRAM);
  }
  std::string ask(const std::string& place) const {
    (void)!::send(signers_end.get(), place.data(), place.size(), MSG_NOSIGNAL);
    std::string answer(70'000, '\0');
    const ssize_t size = ::recv(signers_end.get(), answer.data(), answer.size(), 0);
    answer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return answer;
  }
  // What the signer says of its only key: its "fingerprint", or an "error".
  std::string key_status(const std::string& member) {
    const Reply status = call(peer.get(), "Status");
    const auto apps = status.parameters.find("apps").elements();
    const auto keys = apps.at(0).find("keys").elements();
    return std::string(keys.at(0).find(member).as_text().value_or(""));
  }
  // The signer's only child.
  pid_t child() const {
    const std::string own = std::to_string(pid);
    std::ifstream children("/proc/" + own + "/task/" + own + "/children");
    pid_t found = 0;
    children >> found;
    return found;
  }
  static bool is_gone_soon(pid_t process) {
    for (int i = 0; i < 500; ++i) {
      std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
      std::string state;
      if (!(stat >> state >> state >> state) || state == "Z") return true;
      ::poll(nullptr, 0, 10);
    }
    return false;
  }
};

TEST(Fetcher, a_place_of_the_configuration_is_fetched) {
  fixture.start_alone();
  std::string expected = "+" + key().pkcs1();
  expected.pop_back();  // The line end.
  assert_true(fixture.ask("command:" + fixture.command()) == expected);
}

TEST(Fetcher, no_other_command_is_run) {
  fixture.start_alone();
  const std::string answer = fixture.ask("command:/bin/touch " + fixture.path("touched"));
  assert_string_equal(answer.c_str(), "-the configuration does not name this place");
  assert_false(std::filesystem::exists(fixture.path("touched")));
}

TEST(Fetcher, no_file_is_read_for_the_signer) {
  fixture.start_alone();
  assert_string_equal(fixture.ask("file:/etc/passwd").c_str(),
                      "-the configuration does not name this place");
}

TEST(Fetcher, the_store_key_is_not_for_the_signer) {
  fixture.write_file("tokman.toml", "[store]\nkey = \"command:/bin/echo key\"\n");
  fixture.start_alone();
  assert_string_equal(fixture.ask("command:/bin/echo key").c_str(),
                      "-the configuration does not name this place");
}

TEST(Fetcher, a_refused_place_is_logged) {
  fixture.start_alone();
  fixture.ask("command:/bin/touch x");
  fixture.wait_for_log("place refused");
}

TEST(Fetcher, a_configuration_that_changes_counts_at_once) {
  fixture.start_alone();
  fixture.ask("command:" + fixture.command());
  fixture.write_config("/bin/echo other");
  assert_string_equal(fixture.ask("command:/bin/echo other").c_str(), "+other");
}

TEST(Fetcher, a_configuration_with_mistakes_does_not) {
  fixture.start_alone();
  fixture.write_config("/bin/echo value");
  fixture.ask("command:/bin/echo value");
  fixture.write_file("tokman.toml", "nonsense = [[[");
  assert_string_equal(fixture.ask("command:/bin/echo value").c_str(), "+value");
}

TEST(Fetcher, it_ends_with_its_socket) {
  fixture.start_alone();
  fixture.ask("command:" + fixture.command());
  fixture.signers_end.reset();
  const int status = fixture.wait();
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
}

TEST(Fetcher, it_can_gain_no_privileges_and_leaves_no_core) {
  fixture.start_alone();
  fixture.ask("command:" + fixture.command());
  assert_string_equal(fixture.status_line("NoNewPrivs").c_str(), "1");
  std::ifstream limits("/proc/" + std::to_string(fixture.pid) + "/limits");
  std::string line;
  while (std::getline(limits, line) && !line.starts_with("Max core file size")) {
  }
  assert_true(line.find(" 0                    0 ") != std::string::npos);
}

TEST(Fetcher, no_secret_is_in_its_log_or_its_errors) {
  fixture.write_file("secret", "PlantedSecret");
  fixture.write_config("/bin/cat " + fixture.path("secret"));
  fixture.start_alone();
  fixture.ask("command:/bin/cat " + fixture.path("secret"));
  fixture.write_file("fails", "#!/bin/sh\necho PlantedSecret\nexit 1\n", 0700);
  fixture.write_config(fixture.path("fails"));
  const std::string answer = fixture.ask("command:" + fixture.path("fails"));
  fixture.end();
  assert_true(answer.find("failed with status 1") != std::string::npos);
  assert_true(fixture.log.find("secret fetched") != std::string::npos);
  assert_true((answer + fixture.log).find("Planted") == std::string::npos);
}

TEST(Fetcher, the_signer_signs_with_a_key_that_was_fetched) {
  fixture.spawn();
  assert_string_equal(fixture.sign().error.c_str(), "");
  assert_string_equal(fixture.status_line("Seccomp").c_str(), kSandboxIsReal ? "2" : "0");
}

TEST(Fetcher, the_signer_starts_it_only_if_a_secret_is_not_on_this_host) {
  fixture.write_file("tokman.toml", fixture.config({"key.pem"}));
  fixture.spawn();
  assert_string_equal(fixture.sign().error.c_str(), "");
  assert_int_equal(fixture.child(), 0);
}

TEST(Fetcher, it_ends_with_the_signer) {
  fixture.spawn();
  fixture.sign();
  const pid_t fetcher = fixture.child();
  assert_true(fetcher > 0);
  fixture.end();
  assert_true(Fetcher::is_gone_soon(fetcher));
}

TEST(Fetcher, a_source_that_fails_at_the_start_is_used_once_it_works) {
  fixture.write_config("/bin/cat " + fixture.path("later.pem"));
  fixture.spawn();
  assert_string_equal(fixture.sign().error.c_str(), "io.tokman.SecretUnavailable");
  fixture.write_file("later.pem", key().pkcs1());
  for (int i = 0; i < 500 && !fixture.sign().error.empty(); ++i) {
    ::poll(nullptr, 0, 20);
    RunningSigner::call(fixture.peer.get(), "Refresh");
  }
  assert_string_equal(fixture.sign().error.c_str(), "");
}

TEST(Fetcher, a_source_that_fails_later_leaves_the_last_good_key) {
  fixture.spawn();
  const std::string fingerprint = fixture.key_status("fingerprint");
  ::unlink(fixture.path("key.pem").c_str());
  for (int i = 0; i < 500 && fixture.key_status("error").empty(); ++i) {
    ::poll(nullptr, 0, 20);
    RunningSigner::call(fixture.peer.get(), "Refresh");
  }
  assert_true(fixture.key_status("error").find("failed with status 1") != std::string::npos);
  assert_string_equal(fixture.key_status("fingerprint").c_str(), fingerprint.c_str());
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Fetcher, a_place_of_the_configuration_is_fetched),
      RUN(Fetcher, no_other_command_is_run),
      RUN(Fetcher, no_file_is_read_for_the_signer),
      RUN(Fetcher, the_store_key_is_not_for_the_signer),
      RUN(Fetcher, a_refused_place_is_logged),
      RUN(Fetcher, a_configuration_that_changes_counts_at_once),
      RUN(Fetcher, a_configuration_with_mistakes_does_not),
      RUN(Fetcher, it_ends_with_its_socket),
      RUN(Fetcher, it_can_gain_no_privileges_and_leaves_no_core),
      RUN(Fetcher, no_secret_is_in_its_log_or_its_errors),
      RUN(Fetcher, the_signer_signs_with_a_key_that_was_fetched),
      RUN(Fetcher, the_signer_starts_it_only_if_a_secret_is_not_on_this_host),
      RUN(Fetcher, it_ends_with_the_signer),
      RUN(Fetcher, a_source_that_fails_at_the_start_is_used_once_it_works),
      RUN(Fetcher, a_source_that_fails_later_leaves_the_last_good_key),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
