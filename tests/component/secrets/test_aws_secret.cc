// "aws-secretsmanager:" against a server that computes each signature itself.
#include <cstring>

#include "daemon/services/secrets/secret_sources.h"
#include "libtokman/json/value.h"
#include "tests/component/secrets/secret_servers.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

constexpr const char* kVariables[] = {"AWS_ACCESS_KEY_ID",
                                      "AWS_SECRET_ACCESS_KEY",
                                      "AWS_SESSION_TOKEN",
                                      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                                      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                                      "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                                      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                      "AWS_EC2_METADATA_DISABLED"};

SecretServers& servers() {
  static SecretServers started;
  return started;
}

struct AwsFixture {
  SecretsConfig config = servers().config();
  std::string message;  // Of the last error.

  AwsFixture() {
    clear();
    servers().change(R"({"down": false, "aws": {"tokman/ci": "the whole text", )"
                     R"("json": "{\"private_key\": \"of JSON\", \"number\": 1}", "empty": ""}})");
  }
  ~AwsFixture() { clear(); }

  static void clear() {
    for (const char* name : kVariables) ::unsetenv(name);
  }
  static void use_environment() {
    ::setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    ::setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
  }
  static void use_container() {
    const std::string url = servers().metadata_url() + "/container/keys";
    ::setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url.c_str(), 1);
    ::setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "container-authorization", 1);
  }

  // "" if it failed.
  std::string read(const std::string& secret, const std::string& region = "eu-west-1") {
    const Result<SecretBytes> read =
        read_secret("aws-secretsmanager:" + region + "/" + secret, config);
    message = read.ok() ? "" : read.error().message;
    return read.ok() ? std::string(read.value().reveal()) : "";
  }
  bool says(const std::string& words) const { return message.find(words) != std::string::npos; }

  // The key's id and the signed headers of the request that AWS took last.
  static std::string last_signed() {
    const json::Value authorized = json::parse(servers().change("{}"), 8).value();
    return authorized.elements().back().dump();
  }
};

TEST(AwsFixture, a_secret_of_text_is_read) {
  AwsFixture::use_environment();
  assert_string_equal(fixture.read("tokman/ci").c_str(), "the whole text");
}

TEST(AwsFixture, the_signature_covers_host_date_target_and_type) {
  AwsFixture::use_environment();
  fixture.read("tokman/ci");
  assert_string_equal(AwsFixture::last_signed().c_str(),
                      R"(["AKIDEXAMPLE",["content-type","host","x-amz-date","x-amz-target"]])");
}

TEST(AwsFixture, a_member_of_a_secret_of_json_is_picked) {
  AwsFixture::use_environment();
  assert_string_equal(fixture.read("json#private_key").c_str(), "of JSON");
}

TEST(AwsFixture, a_member_that_is_missing_or_no_text_is_an_error) {
  AwsFixture::use_environment();
  assert_string_equal(fixture.read("json#number").c_str(), "");
  assert_true(fixture.says("aws-secretsmanager:eu-west-1/json#number"));
  assert_true(fixture.says("has no text named 'number'"));
  fixture.read("tokman/ci#private_key");
  assert_true(fixture.says("is no JSON object"));
}

TEST(AwsFixture, no_error_quotes_the_secret) {
  AwsFixture::use_environment();
  fixture.read("json#missing");
  assert_false(fixture.says("of JSON"));
  fixture.read("tokman/ci#private_key");
  assert_false(fixture.says("whole text"));
}

TEST(AwsFixture, an_empty_secret_is_an_error) {
  AwsFixture::use_environment();
  fixture.read("empty");
  assert_true(fixture.says("is empty"));
}

TEST(AwsFixture, a_secret_that_is_not_there_is_an_error_in_the_words_of_aws) {
  AwsFixture::use_environment();
  fixture.read("other");
  assert_true(fixture.says("status 400: ResourceNotFoundException"));
}

TEST(AwsFixture, a_wrong_secret_key_is_refused) {
  AwsFixture::use_environment();
  ::setenv("AWS_SECRET_ACCESS_KEY", "wrong", 1);
  fixture.read("tokman/ci");
  assert_true(fixture.says("status 403: InvalidSignatureException"));
}

TEST(AwsFixture, the_region_is_signed_too) {
  AwsFixture::use_environment();
  fixture.read("tokman/ci", "us-east-1");
  assert_true(fixture.says("status 403"));
}

TEST(AwsFixture, a_container_gives_keys_whose_session_is_signed) {
  AwsFixture::use_container();
  assert_string_equal(fixture.read("tokman/ci").c_str(), "the whole text");
  assert_string_equal(
      AwsFixture::last_signed().c_str(),
      R"(["ASIACONTAINER",["content-type","host","x-amz-date","x-amz-security-token",)"
      R"("x-amz-target"]])");
}

TEST(AwsFixture, a_containers_authorization_may_be_in_a_file) {
  AwsFixture::use_container();
  ::unsetenv("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  const std::string file = servers().write_file("authorization", "container-authorization\n");
  ::setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.c_str(), 1);
  assert_string_equal(fixture.read("tokman/ci").c_str(), "the whole text");
}

TEST(AwsFixture, a_container_that_refuses_is_an_error) {
  AwsFixture::use_container();
  ::setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "wrong", 1);
  fixture.read("tokman/ci");
  assert_true(fixture.says("AWS keys of this container: it answered with status 403"));
}

TEST(AwsFixture, a_container_address_without_tls_must_be_on_this_host) {
  AwsFixture::use_container();
  for (const char* url : {"http://192.0.2.1/keys", "http://localhost.example/keys",
                          "http://127.0.0.1.example/", "http://127.0.0.1@192.0.2.1/", "ftp://x/"}) {
    ::setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    fixture.read("tokman/ci");
    assert_true(fixture.says("neither https nor on this host"));
  }
}

TEST(AwsFixture, an_instance_gives_the_keys_of_its_role) {
  assert_string_equal(fixture.read("tokman/ci").c_str(), "the whole text");
  assert_non_null(std::strstr(AwsFixture::last_signed().c_str(), "ASIAINSTANCE"));
}

TEST(AwsFixture, an_instance_is_not_asked_where_that_is_forbidden) {
  ::setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
  fixture.read("tokman/ci");
  assert_true(fixture.says("there are no AWS keys in the environment"));
}

TEST(AwsFixture, the_environment_comes_before_the_container) {
  AwsFixture::use_container();
  AwsFixture::use_environment();
  fixture.read("tokman/ci");
  assert_non_null(std::strstr(AwsFixture::last_signed().c_str(), "AKIDEXAMPLE"));
}

TEST(AwsFixture, a_server_with_another_certificate_is_not_told_anything) {
  AwsFixture::use_environment();
  fixture.config.ca_file = "/etc/ssl/certs/ca-certificates.crt";
  assert_string_equal(fixture.read("tokman/ci").c_str(), "");
  assert_true(fixture.says("certificate"));
}

TEST(AwsFixture, an_error_of_the_server_is_an_error) {
  AwsFixture::use_environment();
  servers().change(R"({"down": true})");
  fixture.read("tokman/ci");
  assert_true(fixture.says("AWS answered with status 500"));
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(AwsFixture, a_secret_of_text_is_read),
      RUN(AwsFixture, the_signature_covers_host_date_target_and_type),
      RUN(AwsFixture, a_member_of_a_secret_of_json_is_picked),
      RUN(AwsFixture, a_member_that_is_missing_or_no_text_is_an_error),
      RUN(AwsFixture, no_error_quotes_the_secret),
      RUN(AwsFixture, an_empty_secret_is_an_error),
      RUN(AwsFixture, a_secret_that_is_not_there_is_an_error_in_the_words_of_aws),
      RUN(AwsFixture, a_wrong_secret_key_is_refused),
      RUN(AwsFixture, the_region_is_signed_too),
      RUN(AwsFixture, a_container_gives_keys_whose_session_is_signed),
      RUN(AwsFixture, a_containers_authorization_may_be_in_a_file),
      RUN(AwsFixture, a_container_that_refuses_is_an_error),
      RUN(AwsFixture, a_container_address_without_tls_must_be_on_this_host),
      RUN(AwsFixture, an_instance_gives_the_keys_of_its_role),
      RUN(AwsFixture, an_instance_is_not_asked_where_that_is_forbidden),
      RUN(AwsFixture, the_environment_comes_before_the_container),
      RUN(AwsFixture, a_server_with_another_certificate_is_not_told_anything),
      RUN(AwsFixture, an_error_of_the_server_is_an_error),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
