#include "daemon/platform/linux/sandbox.h"

#include <poll.h>
#include <sched.h>

#include "libtokman/base/encoding.h"
#include "libtokman/base/text.h"
#include "tests/security/signer/running_signer.h"
#include "tests/support/memfd.h"
#include "tests/unit/signer/generated_key.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

const GeneratedKey& key() {
  static const GeneratedKey generated;
  return generated;
}
const GeneratedKey& next_key() {
  static const GeneratedKey generated;
  return generated;
}

struct Signer : RunningSigner {
  Signer() {
    write_file("ci.pem", key().pkcs1());
    write_file("tokman.toml", config({"ci.pem"}));
  }

  // The file "secret"; the app is the last thing in the configuration.
  void add_webhook_secret() {
    std::ofstream(path("tokman.toml"), std::ios::app)
        << "webhook_secrets = [\"file:" << path("secret") << "\"]\n";
  }

  std::string jwt() { return std::string(sign().parameters.find("jwt").as_text().value_or("")); }
  static bool is_signed_by(const GeneratedKey& by, const std::string& jwt) {
    const std::size_t dot = jwt.rfind('.');
    if (dot == std::string::npos) return false;
    return by.has_signed(jwt.substr(0, dot), from_base64url(jwt.substr(dot + 1)).value_or(""));
  }
  // What a process of this user is told when it calls the listening signer.
  std::string error_for(uid_t uid) {
    int ends[2];
    (void)!::pipe2(ends, O_CLOEXEC);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    const pid_t child = ::fork();
    if (child == 0) {
      (void)!::setuid(uid);
      const Fd fd = connect();
      const std::string error = fd.valid() ? call(fd.get(), "Status").error : "not connected";
      (void)!::write(writing.get(), error.data(), error.size());
      ::_exit(0);
    }
    writing.reset();
    char text[64] = {};
    (void)!::read(reading.get(), text, sizeof text - 1);
    ::waitpid(child, nullptr, 0);
    return text;
  }
};

bool is_root() { return ::geteuid() == 0; }

TEST(Signer, a_jwt_is_signed_with_the_apps_key) {
  fixture.spawn();
  assert_true(Signer::is_signed_by(key(), fixture.jwt()));
}

TEST(Signer, it_can_gain_no_privileges) {
  fixture.spawn();
  fixture.sign();
  assert_string_equal(fixture.status_line("NoNewPrivs").c_str(), "1");
}

TEST(Signer, it_runs_in_the_sandbox) {
  fixture.spawn();
  fixture.sign();
  assert_string_equal(fixture.status_line("Seccomp").c_str(), kSandboxIsReal ? "2" : "0");
}

TEST(Signer, it_has_one_thread) {
  fixture.spawn();
  fixture.sign();
  if (kSandboxIsReal) assert_string_equal(fixture.status_line("Threads").c_str(), "1");
}

TEST(Signer, it_leaves_no_core_file) {
  fixture.spawn();
  fixture.sign();
  std::ifstream limits("/proc/" + std::to_string(fixture.pid) + "/limits");
  std::string line;
  while (std::getline(limits, line) && !line.starts_with("Max core file size")) {
  }
  assert_true(line.find(" 0                    0 ") != std::string::npos);
}

TEST(Signer, its_memory_is_closed_to_its_own_user) {
  if (!is_root()) return;
  ::chown(fixture.folder.path().c_str(), Signer::kNobody, 0);
  ::chown(fixture.path("ci.pem").c_str(), Signer::kNobody, 0);
  ::chown(fixture.path("tokman.toml").c_str(), Signer::kNobody, 0);
  fixture.before_exec = [] { (void)!::setuid(Signer::kNobody); };
  fixture.spawn();
  assert_string_equal(fixture.sign().error.c_str(), "");
  const std::string memory = "/proc/" + std::to_string(fixture.pid) + "/mem";
  const pid_t child = ::fork();
  if (child == 0) {
    (void)!::setuid(Signer::kNobody);
    ::_exit(::open(memory.c_str(), O_RDONLY) < 0 && errno == EACCES ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  assert_int_equal(status, 0);
}

TEST(Signer, its_keys_are_locked_in_memory) {
  fixture.spawn();
  fixture.sign();
  if (kSandboxIsReal) assert_string_not_equal(fixture.status_line("VmLck").c_str(), "       0 kB");
}

TEST(Signer, it_is_small_again_soon_after_its_work) {
  fixture.spawn();
  fixture.sign();
  if (!kSandboxIsReal) return;
  long resident_kib = 0;
  for (int i = 0; i < 500; ++i) {
    resident_kib = std::stol(fixture.status_line("VmRSS"));
    if (resident_kib < 4 * 1024) break;
    ::poll(nullptr, 0, 10);
  }
  assert_in_range(resident_kib, 1, 4 * 1024);
}

TEST(Signer, a_reload_in_the_sandbox_brings_a_new_key) {
  fixture.spawn();
  fixture.sign();
  fixture.write_file("next.pem", next_key().pkcs8());
  fixture.write_file("tokman.toml", fixture.config({"next.pem"}));
  assert_string_equal(RunningSigner::call(fixture.peer.get(), "Reload").error.c_str(), "");
  assert_true(Signer::is_signed_by(next_key(), fixture.jwt()));
}

TEST(Signer, a_reload_of_a_bad_configuration_keeps_the_old_key) {
  fixture.spawn();
  fixture.sign();
  fixture.write_file("tokman.toml", "nonsense = [[[");
  assert_string_equal(RunningSigner::call(fixture.peer.get(), "Reload").error.c_str(),
                      "io.tokman.Configuration");
  assert_true(Signer::is_signed_by(key(), fixture.jwt()));
}

TEST(Signer, a_key_file_that_changes_is_found_in_the_sandbox) {
  fixture.spawn();
  fixture.sign();
  fixture.write_file("ci.pem", next_key().pkcs1());
  assert_string_equal(RunningSigner::call(fixture.peer.get(), "Refresh").error.c_str(), "");
  assert_true(Signer::is_signed_by(next_key(), fixture.jwt()));
}

TEST(Signer, a_key_file_that_vanishes_takes_nothing_from_it) {
  fixture.spawn();
  fixture.sign();
  std::filesystem::remove(fixture.path("ci.pem"));
  assert_string_equal(RunningSigner::call(fixture.peer.get(), "Refresh").error.c_str(), "");
  assert_true(Signer::is_signed_by(key(), fixture.jwt()));
}

// The largest body, and the HMAC of it that OpenSSL's command line gives.
TEST(Signer, a_webhook_of_25_mebibytes_is_verified_in_the_sandbox) {
  fixture.write_file("secret", "It's a Secret to Everybody\n");
  fixture.add_webhook_secret();
  fixture.spawn();
  const Reply reply =
      fixture.verify("sha256=cda84c2392480a61dc8105c62f6354f0637b10726f52ee57294224b1fb8d56db",
                     make_memfd(std::string(25 << 20, 'x')));
  assert_string_equal(reply.error.c_str(), "");
  assert_true(reply.parameters.find("valid").as_bool().value());
}

TEST(Signer, githubs_published_vector_is_valid_in_the_sandbox) {
  fixture.write_file("secret", "It's a Secret to Everybody");
  fixture.add_webhook_secret();
  fixture.spawn();
  const Reply reply =
      fixture.verify("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
                     make_memfd("Hello, World!"));
  assert_true(reply.parameters.find("valid").as_bool().value());
}

TEST(Signer, a_webhook_of_an_app_without_secrets_is_an_error) {
  fixture.spawn();
  const Reply reply = fixture.verify("sha256=" + std::string(64, '0'), make_memfd(""));
  assert_string_equal(reply.error.c_str(), "io.tokman.Configuration");
}

TEST(Signer, a_webhook_without_a_body_is_an_error) {
  fixture.write_file("secret", "hunter2");
  fixture.add_webhook_secret();
  fixture.spawn();
  const std::string parameters = R"({"app":"ci","signature":"sha256="})";
  const Reply reply = RunningSigner::call(fixture.peer.get(), "VerifyWebhook", parameters);
  assert_string_equal(reply.error.c_str(), "io.tokman.InvalidArgument");
}

TEST(Signer, a_webhook_secret_is_never_logged_or_answered) {
  fixture.write_file("tokman.toml",
                     "[daemon]\nlog_level = \"debug\"\n" + fixture.config({"ci.pem"}));
  fixture.write_file("secret", "PLANTED-WEBHOOK-SECRET");
  fixture.add_webhook_secret();
  fixture.spawn();
  const std::string told =
      fixture.verify("sha256=" + std::string(64, '0'), make_memfd("x")).parameters.dump() +
      RunningSigner::call(fixture.peer.get(), "Status").parameters.dump();
  fixture.end();
  assert_true((fixture.log + told).find("PLANTED-WEBHOOK-SECRET") == std::string::npos);
}

TEST(Signer, it_reads_configuration_fragments_in_the_sandbox) {
  std::filesystem::create_directory(fixture.path("conf.d"));
  fixture.write_file("conf.d/log.toml", "[daemon]\nlog_level = \"debug\"\n");
  fixture.spawn();
  assert_string_equal(RunningSigner::call(fixture.peer.get(), "Reload").error.c_str(), "");
}

TEST(Signer, at_level_debug_it_logs_signatures_but_not_what_was_signed) {
  fixture.write_file("tokman.toml",
                     "[daemon]\nlog_level = \"debug\"\n" + fixture.config({"ci.pem"}));
  fixture.spawn();
  const std::string jwt = fixture.jwt();
  fixture.end();
  assert_true(fixture.log.find("jwt signed") != std::string::npos);
  assert_true(fixture.log.find(jwt.substr(0, 30)) == std::string::npos);
}

TEST(Signer, a_key_with_crlf_line_ends_is_used) {
  std::string pem;
  for (const char letter : key().pkcs1()) pem += letter == '\n' ? "\r\n" : std::string(1, letter);
  fixture.write_file("ci.pem", pem);
  fixture.spawn();
  assert_true(Signer::is_signed_by(key(), fixture.jwt()));
}

TEST(Signer, a_key_that_everybody_can_read_is_not_used) {
  fixture.write_file("ci.pem", key().pkcs1(), 0644);
  fixture.spawn();
  assert_string_not_equal(fixture.sign().error.c_str(), "");
}

TEST(Signer, nothing_of_the_key_is_ever_logged_or_answered) {
  const std::string pem = key().pkcs1();
  fixture.write_file("damaged.pem", pem.substr(0, pem.size() / 2));
  fixture.write_file("tokman.toml", fixture.config({"damaged.pem", "ci.pem"}));
  fixture.spawn();
  fixture.sign();
  const std::string told = RunningSigner::call(fixture.peer.get(), "Status").parameters.dump();
  fixture.end();
  for (const std::string_view line : split(pem, '\n')) {
    if (line.size() < 60) continue;
    assert_true((fixture.log + told).find(line.substr(0, 24)) == std::string::npos);
  }
}

TEST(Signer, it_ends_with_the_connection_of_its_parent) {
  fixture.spawn();
  fixture.sign();
  fixture.peer.reset();
  assert_int_equal(fixture.wait(), 0);
}

TEST(Signer, it_dies_with_its_parent_even_if_the_connection_stays) {
  int ends[2];
  ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
  const Fd ours(ends[0]);
  Fd theirs(ends[1]);
  const pid_t parent = ::fork();
  if (parent == 0) {
    fixture.run({"--fd", "3"}, theirs.get());
    for (;;) ::pause();
  }
  theirs.reset();
  assert_string_equal(RunningSigner::call(ours.get(), "Status").error.c_str(), "");
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  char byte = 0;
  assert_int_equal(::recv(ours.get(), &byte, 1, 0), 0);
}

TEST(Signer, what_stops_the_service_does_not_stop_it_before_its_parent) {
  fixture.spawn();
  fixture.sign();
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) ::kill(fixture.pid, number);
  assert_string_equal(fixture.sign().error.c_str(), "");
}

TEST(Signer, garbage_from_its_parent_ends_it_cleanly) {
  fixture.spawn();
  RunningSigner::send(fixture.peer.get(), "garbage");
  assert_int_equal(fixture.wait(), 0);
}

TEST(Signer, it_does_not_start_where_users_are_mapped) {
  fixture.before_exec = [] {
    if (::unshare(CLONE_NEWUSER) != 0) ::_exit(1);
  };
  fixture.spawn();
  assert_int_not_equal(fixture.wait(), 0);
}

TEST(Signer, its_socket_is_for_its_own_user_only) {
  fixture.listen();
  assert_int_equal(std::filesystem::status(fixture.path("socket")).permissions(),
                   std::filesystem::perms(0600));
}

TEST(Signer, a_socket_from_systemd_is_served) {
  fixture.activate();
  fixture.peer = fixture.connect();
  assert_true(Signer::is_signed_by(key(), fixture.jwt()));
}

TEST(Signer, it_does_not_start_without_a_socket) {
  fixture.run({}, -1);
  assert_int_not_equal(fixture.wait(), 0);
}

TEST(Signer, another_user_is_dropped_even_where_the_socket_is_open) {
  if (!is_root()) return;
  fixture.listen();
  ::chmod(fixture.folder.path().c_str(), 0755);
  ::chmod(fixture.path("socket").c_str(), 0666);
  assert_string_equal(fixture.error_for(Signer::kNobody).c_str(), "EOF");
}

TEST(Signer, the_user_it_is_told_to_serve_is_served) {
  if (!is_root()) return;
  fixture.listen({"--peer-user", "nobody"});
  ::chmod(fixture.folder.path().c_str(), 0755);
  ::chmod(fixture.path("socket").c_str(), 0666);
  assert_string_equal(fixture.error_for(Signer::kNobody).c_str(), "");
}

TEST(Signer, a_user_it_is_told_to_serve_must_exist) {
  fixture.run({"--listen", fixture.path("socket"), "--peer-user", "no such user"}, -1);
  assert_int_not_equal(fixture.wait(), 0);
}

// One peer misbehaves; the next one finds everything as it was.
void assert_still_signs(Signer& signer) {
  signer.peer = signer.connect();
  assert_true(Signer::is_signed_by(key(), signer.jwt()));
}

TEST(Signer, a_peer_that_sends_garbage_hurts_only_itself) {
  fixture.listen();
  RunningSigner::send(fixture.connect().get(), "garbage");
  assert_still_signs(fixture);
}

TEST(Signer, a_peer_that_never_ends_its_frame_hurts_only_itself) {
  fixture.listen();
  const Fd peer = fixture.connect();
  RunningSigner::send(peer.get(), std::string(1 << 20, 'x'));
  assert_still_signs(fixture);
}

TEST(Signer, a_peer_that_leaves_without_its_answer_hurts_only_itself) {
  fixture.listen();
  RunningSigner::send(fixture.connect().get(), R"({"method":"io.tokman.Signer.Status"})");
  assert_still_signs(fixture);
}

TEST(Signer, a_peer_that_asks_for_what_is_not_there_is_refused) {
  fixture.listen();
  fixture.peer = fixture.connect();
  assert_string_equal(fixture.sign("other").error.c_str(), "io.tokman.NotFound");
  assert_string_equal(RunningSigner::call(fixture.peer.get(), "SignBytes").error.c_str(),
                      "org.varlink.service.MethodNotFound");
  assert_true(Signer::is_signed_by(key(), fixture.jwt()));
}

TEST(Signer, more_peers_than_it_serves_at_once_wait_for_their_turn) {
  fixture.listen();
  std::vector<Fd> peers;
  for (int i = 0; i < 17; ++i) peers.push_back(fixture.connect());
  RunningSigner::send(peers[16].get(), R"({"method":"io.tokman.Signer.Status"})");
  assert_string_equal(RunningSigner::call(peers[0].get(), "Status").error.c_str(), "");
  char byte = 0;
  assert_int_equal(::recv(peers[16].get(), &byte, 1, MSG_DONTWAIT), -1);
  peers[0].reset();
  assert_int_equal(::recv(peers[16].get(), &byte, 1, 0), 1);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Signer, a_jwt_is_signed_with_the_apps_key),
      RUN(Signer, it_can_gain_no_privileges),
      RUN(Signer, it_runs_in_the_sandbox),
      RUN(Signer, it_has_one_thread),
      RUN(Signer, it_leaves_no_core_file),
      RUN(Signer, its_memory_is_closed_to_its_own_user),
      RUN(Signer, its_keys_are_locked_in_memory),
      RUN(Signer, it_is_small_again_soon_after_its_work),
      RUN(Signer, a_reload_in_the_sandbox_brings_a_new_key),
      RUN(Signer, a_reload_of_a_bad_configuration_keeps_the_old_key),
      RUN(Signer, a_key_file_that_changes_is_found_in_the_sandbox),
      RUN(Signer, a_key_file_that_vanishes_takes_nothing_from_it),
      RUN(Signer, a_webhook_of_25_mebibytes_is_verified_in_the_sandbox),
      RUN(Signer, githubs_published_vector_is_valid_in_the_sandbox),
      RUN(Signer, a_webhook_of_an_app_without_secrets_is_an_error),
      RUN(Signer, a_webhook_without_a_body_is_an_error),
      RUN(Signer, a_webhook_secret_is_never_logged_or_answered),
      RUN(Signer, it_reads_configuration_fragments_in_the_sandbox),
      RUN(Signer, at_level_debug_it_logs_signatures_but_not_what_was_signed),
      RUN(Signer, a_key_with_crlf_line_ends_is_used),
      RUN(Signer, a_key_that_everybody_can_read_is_not_used),
      RUN(Signer, nothing_of_the_key_is_ever_logged_or_answered),
      RUN(Signer, it_ends_with_the_connection_of_its_parent),
      RUN(Signer, it_dies_with_its_parent_even_if_the_connection_stays),
      RUN(Signer, what_stops_the_service_does_not_stop_it_before_its_parent),
      RUN(Signer, garbage_from_its_parent_ends_it_cleanly),
      RUN(Signer, it_does_not_start_where_users_are_mapped),
      RUN(Signer, its_socket_is_for_its_own_user_only),
      RUN(Signer, a_socket_from_systemd_is_served),
      RUN(Signer, it_does_not_start_without_a_socket),
      RUN(Signer, another_user_is_dropped_even_where_the_socket_is_open),
      RUN(Signer, the_user_it_is_told_to_serve_is_served),
      RUN(Signer, a_user_it_is_told_to_serve_must_exist),
      RUN(Signer, a_peer_that_sends_garbage_hurts_only_itself),
      RUN(Signer, a_peer_that_never_ends_its_frame_hurts_only_itself),
      RUN(Signer, a_peer_that_leaves_without_its_answer_hurts_only_itself),
      RUN(Signer, a_peer_that_asks_for_what_is_not_there_is_refused),
      RUN(Signer, more_peers_than_it_serves_at_once_wait_for_their_turn),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
