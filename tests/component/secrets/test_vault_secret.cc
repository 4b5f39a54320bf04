// "vault:" against a server that answers as Vault does.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon/services/secrets/secret_sources.h"
#include "libtokman/base/fd.h"
#include "tests/component/secrets/secret_servers.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

SecretServers& servers() {
  static SecretServers started;
  return started;
}

struct VaultFixture {
  SecretsConfig config = servers().config();
  std::string message;  // Of the last error.
  Fd silent;            // Listens, and never answers.

  VaultFixture() {
    servers().write_file("vault-token", "hvs.PlantedVaultTokenPlantedVaultToken\n");
    servers().change(R"({"sealed": false, "namespace": null, "vault": )"
                     R"({"secret/tokman/ci": {"private_key": "of Vault", "number": 1}}})");
  }

  // "" if it failed.
  std::string read(const std::string& place = "vault:secret/tokman/ci#private_key") {
    const Result<SecretBytes> read = read_secret(place, config);
    message = read.ok() ? "" : read.error().message;
    return read.ok() ? std::string(read.value().reveal()) : "";
  }
  bool says(const std::string& words) const { return message.find(words) != std::string::npos; }
};

TEST(VaultFixture, a_field_of_a_secret_is_read) {
  assert_string_equal(fixture.read().c_str(), "of Vault");
}

TEST(VaultFixture, a_field_that_is_missing_or_no_text_is_an_error) {
  for (const char* field : {"missing", "number"}) {
    fixture.read(std::string("vault:secret/tokman/ci#") + field);
    assert_true(fixture.says(std::string("has no text named '") + field + "'"));
    assert_false(fixture.says("of Vault"));
  }
}

TEST(VaultFixture, a_secret_that_is_not_there_is_an_error) {
  fixture.read("vault:secret/other#private_key");
  assert_true(fixture.says("vault:secret/other#private_key: "));
  assert_true(fixture.says("status 404: there is no such secret"));
}

TEST(VaultFixture, the_token_is_read_anew_each_time) {
  servers().write_file("vault-token", "hvs.expired");
  fixture.read();
  assert_true(fixture.says("status 403: the token is not valid"));
  servers().write_file("vault-token", "hvs.PlantedVaultTokenPlantedVaultToken");
  assert_string_equal(fixture.read().c_str(), "of Vault");
}

TEST(VaultFixture, a_token_that_others_could_read_is_not_used) {
  const std::string file = servers().write_file("vault-token", "hvs.open");
  ::chmod(file.c_str(), 0644);
  fixture.read();
  assert_true(fixture.says("is open to everybody"));
}

TEST(VaultFixture, a_token_that_is_no_header_is_an_error_that_does_not_show_it) {
  servers().write_file("vault-token", "hvs.first\r\nX-Other: 1");
  fixture.read();
  assert_true(fixture.says("a header has a line break in it"));
  assert_false(fixture.says("hvs"));
}

TEST(VaultFixture, a_namespace_is_asked_in) {
  servers().change(R"({"namespace": "team/ci"})");
  assert_string_equal(fixture.read().c_str(), "");
  fixture.config.vault_namespace = "team/ci";
  assert_string_equal(fixture.read().c_str(), "of Vault");
}

TEST(VaultFixture, a_sealed_vault_is_an_error) {
  servers().change(R"({"sealed": true})");
  fixture.read();
  assert_true(fixture.says("status 503: it is sealed"));
}

TEST(VaultFixture, a_server_with_another_certificate_is_not_told_the_token) {
  fixture.config.ca_file = "/etc/ssl/certs/ca-certificates.crt";
  assert_string_equal(fixture.read().c_str(), "");
  assert_true(fixture.says("certificate"));
}

TEST(VaultFixture, a_server_that_is_not_there_is_an_error) {
  fixture.config.vault_address = "https://127.0.0.1:1";
  fixture.read();
  assert_true(fixture.says("vault:secret/tokman/ci#private_key: "));
}

TEST(VaultFixture, a_server_that_never_answers_is_an_error_in_time) {
  fixture.silent.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  (void)!::bind(fixture.silent.get(), reinterpret_cast<const sockaddr*>(&address), size);
  (void)!::listen(fixture.silent.get(), 1);
  (void)!::getsockname(fixture.silent.get(), reinterpret_cast<sockaddr*>(&address), &size);
  fixture.config.vault_address = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  fixture.config.timeout = std::chrono::milliseconds(200);
  fixture.read();
  assert_true(fixture.says("Timeout was reached"));
}

TEST(VaultFixture, a_redirect_is_not_followed) {
  servers().change(R"({"redirect": true})");
  fixture.read();
  servers().change(R"({"redirect": false})");
  assert_true(fixture.says("status 307"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(VaultFixture, a_field_of_a_secret_is_read),
      RUN(VaultFixture, a_field_that_is_missing_or_no_text_is_an_error),
      RUN(VaultFixture, a_secret_that_is_not_there_is_an_error),
      RUN(VaultFixture, the_token_is_read_anew_each_time),
      RUN(VaultFixture, a_token_that_others_could_read_is_not_used),
      RUN(VaultFixture, a_token_that_is_no_header_is_an_error_that_does_not_show_it),
      RUN(VaultFixture, a_namespace_is_asked_in),
      RUN(VaultFixture, a_sealed_vault_is_an_error),
      RUN(VaultFixture, a_server_with_another_certificate_is_not_told_the_token),
      RUN(VaultFixture, a_server_that_is_not_there_is_an_error),
      RUN(VaultFixture, a_server_that_never_answers_is_an_error_in_time),
      RUN(VaultFixture, a_redirect_is_not_followed),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
