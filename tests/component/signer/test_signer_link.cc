#include "daemon/services/signer/signer_link.h"

#include <sys/stat.h>

#include <fstream>

#include "daemon/services/signer/signer_client.h"
#include "tests/support/captured_log.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_loop.h"
#include "tests/unit/signer/generated_key.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;
using namespace std::chrono_literals;

namespace {

const GeneratedKey& key() {
  static const GeneratedKey generated;
  return generated;
}

// tokmand's side and the real tokman-signer, with a clock that the test moves.
struct Spawned {
  TempFolder folder;
  Loop loop;
  TestLoop world;
  CapturedLog lines;
  Log log{lines};
  SignerLink link{loop, log, {"spawn", TOKMAN_SIGNER_PROGRAM, write_config()}};
  SignerClient client{{loop, world.clock, world.timers, world.random, log},
                      [this] { return link.connect(); }};
  std::string answer;

  std::string write_config() {
    std::ofstream(folder.file("ci.pem")) << key().pkcs1();
    ::chmod(folder.file("ci.pem").c_str(), 0600);
    std::ofstream(folder.file("tokman.toml"))
        << "[store]\nkey = \"env:STORE_KEY\"\n"
           "[[app]]\nname = \"ci\"\napp_id = 1\nprivate_keys = [\"file:"
        << folder.file("ci.pem") << "\"]\n";
    return folder.file("tokman.toml");
  }

  std::string sign() {
    const OperationPtr signing = client.sign_app_jwt({.app = "ci"}, [this](Result<AppJwt> jwt) {
      answer = jwt.ok() ? "signed" : jwt.error().message;
      loop.stop();
    });
    loop.run_until_stopped();
    return answer;
  }
};

TEST(Spawned, a_signer_that_we_start_signs) {
  assert_string_equal(fixture.sign().c_str(), "signed");
}

TEST(Spawned, a_signer_that_was_killed_is_replaced_and_signs_again) {
  fixture.sign();
  ::kill(fixture.link.pid(), SIGKILL);
  const OperationPtr failing = fixture.client.sign_app_jwt(
      {.app = "ci"}, [&](const Result<AppJwt>&) { fixture.loop.stop(); });
  fixture.loop.run_until_stopped();
  fixture.world.advance(250ms);
  assert_string_equal(fixture.sign().c_str(), "signed");
  assert_int_equal(fixture.client.restarts(), 1);
}

TEST(Spawned, the_pid_is_that_of_the_signer_in_use) {
  fixture.sign();
  assert_int_equal(
      fixture.lines.count("event=\"signer started\" pid=" + std::to_string(fixture.link.pid())), 1);
}

TEST(Spawned, how_a_signer_ended_is_logged) {
  fixture.sign();
  ::kill(fixture.link.pid(), SIGKILL);
  while (fixture.lines.count("signer ended") == 0) uv_run(fixture.loop.raw(), UV_RUN_ONCE);
  assert_true(fixture.lines.line_with("signer ended").ends_with("status=0 signal=9"));
}

struct Nowhere {
  TempFolder folder;
  Loop loop;
  CapturedLog lines;
  Log log{lines};

  Result<Fd> connect(const std::string& signer) {
    return SignerLink(loop, log, {signer, folder.file("none"), "tokman.toml"}).connect();
  }
};

TEST(Nowhere, a_program_that_is_not_there_is_an_error_with_its_name) {
  const Result<Fd> started = fixture.connect("spawn");
  assert_false(started.ok());
  assert_true(started.error().message.find(fixture.folder.file("none")) != std::string::npos);
}

TEST(Nowhere, a_socket_that_is_not_there_is_an_error_with_its_path) {
  const Result<Fd> connected = fixture.connect("unix:" + fixture.folder.file("none"));
  assert_false(connected.ok());
  assert_true(connected.error().message.find(fixture.folder.file("none")) != std::string::npos);
}

TEST(Nowhere, a_path_that_no_socket_can_have_is_an_error) {
  assert_int_equal(fixture.connect("unix:/" + std::string(200, 'x')).error().code,
                   TOKMAN_E_CONFIGURATION);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Spawned, a_signer_that_we_start_signs),
      RUN(Spawned, a_signer_that_was_killed_is_replaced_and_signs_again),
      RUN(Spawned, the_pid_is_that_of_the_signer_in_use),
      RUN(Spawned, how_a_signer_ended_is_logged),
      RUN(Nowhere, a_program_that_is_not_there_is_an_error_with_its_name),
      RUN(Nowhere, a_socket_that_is_not_there_is_an_error_with_its_path),
      RUN(Nowhere, a_path_that_no_socket_can_have_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
