// The real tokman-signer with keys in a PKCS#11 token: SoftHSM's, for this test alone.
#include <filesystem>

#include "daemon/platform/linux/sandbox.h"
#include "libtokman/base/encoding.h"
#include "tests/security/signer/running_signer.h"
#include "tests/unit/signer/generated_key.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

constexpr const char* kModule = "/usr/lib/softhsm/libsofthsm2.so";

const GeneratedKey& key() {
  static const GeneratedKey generated;
  return generated;
}

struct Token : RunningSigner {
  Token() {
    std::filesystem::create_directory(path("tokens"));
    write_file("softhsm2.conf", "directories.tokendir = " + path("tokens") + "\n");
    ::setenv("SOFTHSM2_CONF", path("softhsm2.conf").c_str(), 1);
    write_file("ci.pem", key().pkcs8());
    write_file("pin", "1234\n");
    softhsm("--init-token --free --label tokman --so-pin 5678");
    softhsm("--token tokman --label ci --id 01 --import " + path("ci.pem"));
    ::unlink(path("ci.pem").c_str());
    write_config(uri());
  }
  ~Token() {
    end();
    ::unsetenv("SOFTHSM2_CONF");
  }

  void softhsm(const std::string& words) const {
    const std::string command = "softhsm2-util --pin 1234 " + words + " >/dev/null";
    if (std::system(command.c_str()) != 0) ::abort();
  }
  std::string uri(const std::string& object = "ci") const {
    return "pkcs11:token=tokman;object=" + object + "?pin-source=file:" + path("pin");
  }
  void write_config(const std::string& place, const std::string& module = kModule) {
    write_file("tokman.toml",
               "[store]\nkey = \"env:STORE_KEY\"\n[secrets]\npkcs11_module = \"" + module +
                   "\"\n[[app]]\nname = \"ci\"\napp_id = 1\nprivate_keys = [\"" + place + "\"]\n");
  }

  std::string key_status(const std::string& member) {
    const Reply status = call(peer.get(), "Status");
    const auto apps = status.parameters.find("apps").elements();
    const auto keys = apps.at(0).find("keys").elements();
    return std::string(keys.at(0).find(member).as_text().value_or(""));
  }
  bool signs_with_the_key() {
    const std::string jwt(sign().parameters.find("jwt").as_text().value_or(""));
    const std::size_t dot = jwt.rfind('.');
    return dot != std::string::npos &&
           key().has_signed(jwt.substr(0, dot), from_base64url(jwt.substr(dot + 1)).value_or(""));
  }
};

TEST(Token, a_key_in_a_token_signs) {
  fixture.spawn();
  assert_true(fixture.signs_with_the_key());
}

TEST(Token, it_signs_within_the_sandbox) {
  fixture.spawn();
  assert_true(fixture.signs_with_the_key());
  assert_string_equal(fixture.status_line("Seccomp").c_str(), kSandboxIsReal ? "2" : "0");
}

TEST(Token, its_fingerprint_is_that_of_the_key_outside) {
  fixture.spawn();
  const std::string in_token = fixture.key_status("fingerprint");
  fixture.end();
  fixture.write_file("ci.pem", key().pkcs1());
  fixture.write_config("file:" + fixture.path("ci.pem"));
  fixture.spawn();
  assert_string_equal(in_token.c_str(), fixture.key_status("fingerprint").c_str());
}

TEST(Token, a_wrong_pin_is_an_error_that_does_not_show_it) {
  fixture.write_file("pin", "9876");
  fixture.spawn();
  assert_string_equal(fixture.sign().error.c_str(), "io.tokman.SecretUnavailable");
  const std::string error = fixture.key_status("error");
  fixture.end();
  assert_true(error.find("the PIN is wrong") != std::string::npos);
  assert_true((error + fixture.log).find("9876") == std::string::npos);
}

TEST(Token, a_pin_that_others_could_read_is_not_used) {
  fixture.write_file("pin", "1234", 0644);
  fixture.spawn();
  assert_true(fixture.key_status("error").find("is open to everybody") != std::string::npos);
}

TEST(Token, without_a_pin_nobody_is_asked_for_one) {
  fixture.write_config("pkcs11:token=tokman;object=ci");
  fixture.spawn();
  assert_string_equal(fixture.sign().error.c_str(), "io.tokman.SecretUnavailable");
}

TEST(Token, a_key_that_comes_later_is_used_without_a_restart) {
  fixture.write_config(fixture.uri("later"));
  fixture.spawn();
  assert_string_equal(fixture.sign().error.c_str(), "io.tokman.SecretUnavailable");
  fixture.write_file("ci.pem", key().pkcs8());
  fixture.softhsm("--token tokman --label later --id 02 --import " + fixture.path("ci.pem"));
  RunningSigner::call(fixture.peer.get(), "Refresh");
  assert_true(fixture.signs_with_the_key());
}

TEST(Token, a_reload_keeps_it) {
  fixture.spawn();
  assert_string_equal(RunningSigner::call(fixture.peer.get(), "Reload").error.c_str(), "");
  assert_true(fixture.signs_with_the_key());
}

TEST(Token, a_module_that_was_not_there_at_the_start_is_not_loaded_later) {
  fixture.write_config("env:NO_SUCH_KEY");
  fixture.spawn();
  fixture.sign();
  fixture.write_config(fixture.uri());
  assert_string_equal(RunningSigner::call(fixture.peer.get(), "Reload").error.c_str(), "");
  assert_true(fixture.key_status("error").find("no PKCS#11 module is loaded") != std::string::npos);
}

TEST(Token, a_module_that_cannot_be_loaded_leaves_the_other_keys) {
  fixture.write_file("ci.pem", key().pkcs1());
  fixture.write_config(fixture.uri() + "\", \"file:" + fixture.path("ci.pem"),
                       fixture.path("ci.pem"));
  fixture.spawn();
  assert_true(fixture.signs_with_the_key());
  fixture.wait_for_log("no PKCS#11 module");
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Token, a_key_in_a_token_signs),
      RUN(Token, it_signs_within_the_sandbox),
      RUN(Token, its_fingerprint_is_that_of_the_key_outside),
      RUN(Token, a_wrong_pin_is_an_error_that_does_not_show_it),
      RUN(Token, a_pin_that_others_could_read_is_not_used),
      RUN(Token, without_a_pin_nobody_is_asked_for_one),
      RUN(Token, a_key_that_comes_later_is_used_without_a_restart),
      RUN(Token, a_reload_keeps_it),
      RUN(Token, a_module_that_was_not_there_at_the_start_is_not_loaded_later),
      RUN(Token, a_module_that_cannot_be_loaded_leaves_the_other_keys),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
