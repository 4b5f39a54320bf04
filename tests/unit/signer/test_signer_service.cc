#include "daemon/signer/signer_service.h"

#include <fstream>
#include <set>

#include "libtokman/base/encoding.h"
#include "libtokman/base/text.h"
#include "tests/support/builders.h"
#include "tests/support/captured_log.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/signer/generated_key.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

const std::string& good_pem() {
  static const std::string pem = GeneratedKey().pkcs1();
  return pem;
}
const std::string& other_pem() {
  static const std::string pem = GeneratedKey().pkcs8();
  return pem;
}

std::string with_crlf(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (letter == '\n') result += '\r';
    result += letter;
  }
  return result;
}

struct Service {
  FakeClock clock;
  CapturedLog lines;
  Log log{lines, LogLevel::debug};
  std::map<std::string, std::string> files = {{"good", good_pem()}, {"other", other_pem()}};
  std::vector<AppConfig> apps = {app("ci", {"good"})};
  AccessConfig access;
  std::optional<Error> bad_configuration;
  SignerService service{clock,
                        log,
                        {[this] { return read_settings(); },
                         [this](const std::string& location) { return read_secret(location); }}};
  std::deque<Fd> descriptors;

  Service() { assert_true(service.load().ok()); }

  static AppConfig app(const std::string& name, std::vector<std::string> keys) {
    AppConfig config = make_app(name);
    config.private_keys = std::move(keys);
    return config;
  }
  Result<SignerService::Settings> read_settings() const {
    if (bad_configuration) return *bad_configuration;
    return SignerService::Settings{apps, access};
  }
  Result<SecretBytes> read_secret(const std::string& location) const {
    const auto file = files.find(location);
    if (file == files.end()) return Error{TOKMAN_E_NOT_FOUND, location + ": no such file"};
    return SecretBytes(file->second);
  }
  // As if it had just been started with these.
  void use_keys(std::vector<std::string> locations) {
    apps = {};
    assert_true(service.load().ok());
    apps = {app("ci", std::move(locations))};
    assert_true(service.load().ok());
  }

  Reply call(const std::string& method, const std::string& parameters = "{}") {
    const Result<SecretBytes> answer = service.answer(
        R"({"method":"io.tokman.Signer.)" + method + R"(","parameters":)" + parameters + "}",
        descriptors);
    assert_true(answer.ok());
    std::string_view frame = answer.value().reveal();
    assert_true(frame.ends_with('\0'));
    frame.remove_suffix(1);
    return parse_reply(frame).value();
  }
  Reply sign(const std::string& app = "ci") {
    return call("SignAppJwt", R"({"app":")" + app + R"("})");
  }
  Reply sign_with(const std::string& fingerprint) {
    return call("SignAppJwt", R"({"app":"ci","key_fingerprint":")" + fingerprint + R"("})");
  }
  Reply sign_for_client() {
    return call("SignAccessJwt", R"({"client_id":"packit","jti":"J","scopes":["b","a"],)"
                                 R"("max_priority":{"*":7}})");
  }
  json::Value claims(const Reply& reply) {
    const std::string jwt = text(reply, "jwt");
    const auto parts = split(jwt, '.');
    return json::parse(from_base64url(parts.at(1)).value(), 4).value();
  }
  std::string text(const Reply& reply, std::string_view name) {
    return std::string(reply.parameters.find(name).as_text().value_or(""));
  }
  std::string fingerprint_of(const std::string& pem) {
    return RsaKey::load(SecretBytes(pem)).value().fingerprint();
  }
};

TEST(Service, a_jwt_is_signed_for_an_app) {
  assert_int_equal(split(fixture.text(fixture.sign(), "jwt"), '.').size(), 3);
}

TEST(Service, the_answer_says_when_the_jwt_ends) {
  assert_int_equal(fixture.sign().parameters.find("expires_at").as_int().value(),
                   1'800'000'000 + 300);
}

TEST(Service, the_answer_says_which_key_signed) {
  assert_true(fixture.text(fixture.sign(), "key_fingerprint") ==
              fixture.fingerprint_of(good_pem()));
}

TEST(Service, a_pkcs8_key_signs) {
  fixture.use_keys({"other"});
  assert_string_equal(fixture.sign().error.c_str(), "");
}

TEST(Service, a_key_with_crlf_line_ends_signs) {
  fixture.files["good"] = with_crlf(good_pem());
  fixture.use_keys({"good"});
  assert_string_equal(fixture.sign().error.c_str(), "");
}

TEST(Service, an_unknown_app_is_not_found) {
  assert_string_equal(fixture.sign("nobody").error.c_str(), "io.tokman.NotFound");
}

TEST(Service, the_first_key_that_loads_is_used) {
  fixture.files["garbage"] = "garbage";
  fixture.use_keys({"missing", "garbage", "other", "good"});
  assert_true(fixture.text(fixture.sign(), "key_fingerprint") ==
              fixture.fingerprint_of(other_pem()));
}

TEST(Service, without_a_usable_key_the_error_may_be_retried) {
  fixture.use_keys({"missing"});
  const Reply reply = fixture.sign();
  assert_string_equal(reply.error.c_str(), "io.tokman.SecretUnavailable");
  assert_true(reply.parameters.find("retryable").as_bool().value());
}

TEST(Service, without_a_usable_key_the_error_says_why) {
  fixture.use_keys({"missing"});
  assert_string_equal(fixture.text(fixture.sign(), "message").c_str(),
                      "app 'ci' has no usable key: missing: no such file");
}

TEST(Service, status_tells_every_key_in_order) {
  fixture.use_keys({"missing", "good"});
  const auto apps = fixture.call("Status").parameters.find("apps").elements();
  const auto keys = apps.at(0).find("keys").elements();
  assert_true(keys.at(0).find("error").as_text() == "missing: no such file");
  assert_true(keys.at(1).find("fingerprint").as_text() == fixture.fingerprint_of(good_pem()));
}

TEST(Service, a_reload_brings_new_keys) {
  fixture.apps = {Service::app("ci", {"other"})};
  assert_string_equal(fixture.call("Reload").error.c_str(), "");
  assert_true(fixture.text(fixture.sign(), "key_fingerprint") ==
              fixture.fingerprint_of(other_pem()));
}

TEST(Service, a_reload_drops_apps_that_are_gone) {
  fixture.apps = {};
  fixture.call("Reload");
  assert_string_equal(fixture.sign().error.c_str(), "io.tokman.NotFound");
}

TEST(Service, a_reload_of_a_bad_configuration_is_an_error) {
  fixture.bad_configuration = Error{TOKMAN_E_CONFIGURATION, "line 3: unknown key"};
  assert_string_equal(fixture.call("Reload").error.c_str(), "io.tokman.Configuration");
}

TEST(Service, a_reload_of_a_bad_configuration_changes_nothing) {
  fixture.bad_configuration = Error{TOKMAN_E_CONFIGURATION, "line 3: unknown key"};
  fixture.call("Reload");
  assert_string_equal(fixture.sign().error.c_str(), "");
}

TEST(Service, ten_signatures_at_once_are_given_and_no_more) {
  for (int i = 0; i < 10; ++i) assert_string_equal(fixture.sign().error.c_str(), "");
  assert_string_equal(fixture.sign().error.c_str(), "io.tokman.RateLimited");
}

TEST(Service, the_refusal_says_how_long_to_wait) {
  for (int i = 0; i < 10; ++i) fixture.sign();
  const auto wait = fixture.sign().parameters.find("retry_after_ms").as_int();
  fixture.clock.go_to(fixture.clock.now() + std::chrono::milliseconds(wait.value()));
  assert_string_equal(fixture.sign().error.c_str(), "");
}

TEST(Service, each_app_has_its_own_limit) {
  fixture.apps.push_back(Service::app("other", {"good"}));
  assert_true(fixture.service.load().ok());
  for (int i = 0; i < 11; ++i) fixture.sign();
  assert_string_equal(fixture.sign("other").error.c_str(), "");
}

TEST(Service, a_reload_does_not_refill_the_limit) {
  for (int i = 0; i < 10; ++i) fixture.sign();
  fixture.call("Reload");
  assert_string_equal(fixture.sign().error.c_str(), "io.tokman.RateLimited");
}

TEST(Service, another_key_signs_if_it_is_asked_for) {
  fixture.use_keys({"good", "other"});
  const std::string wanted = fixture.fingerprint_of(other_pem());
  assert_true(fixture.text(fixture.sign_with(wanted), "key_fingerprint") == wanted);
}

TEST(Service, a_key_that_is_not_there_is_not_found) {
  const Reply reply = fixture.sign_with("SHA256:unknown");
  assert_string_equal(reply.error.c_str(), "io.tokman.NotFound");
  assert_string_equal(fixture.text(reply, "field").c_str(), "key_fingerprint");
}

TEST(Service, githubs_clock_is_what_the_jwt_is_dated_by) {
  const Reply reply = fixture.call("SignAppJwt", R"({"app":"ci","clock_offset_s":-1200})");
  assert_int_equal(fixture.claims(reply).find("iat").as_int().value(), 1'800'000'000 - 1200 - 60);
  assert_int_equal(fixture.claims(reply).find("exp").as_int().value(), 1'800'000'000 - 1200 + 300);
}

TEST(Service, clocks_that_differ_by_an_hour_are_the_limit) {
  for (const char* offset : {"3600", "-3600"}) {
    const Reply reply =
        fixture.call("SignAppJwt", R"({"app":"ci","clock_offset_s":)" + std::string(offset) + "}");
    assert_string_equal(reply.error.c_str(), "");
  }
  for (const char* offset : {"3601", "-3601", "9223372036854775807"}) {
    const Reply reply =
        fixture.call("SignAppJwt", R"({"app":"ci","clock_offset_s":)" + std::string(offset) + "}");
    assert_string_equal(fixture.text(reply, "field").c_str(), "clock_offset_s");
  }
}

TEST(Service, the_client_id_is_the_issuer_if_there_is_one) {
  fixture.apps[0].client_id = "Iv23li";
  assert_true(fixture.service.load().ok());
  assert_true(fixture.claims(fixture.sign()).find("iss").as_text() == "Iv23li");
}

TEST(Service, the_app_id_is_the_issuer_if_that_is_asked_for) {
  fixture.apps[0].client_id = "Iv23li";
  assert_true(fixture.service.load().ok());
  const Reply reply = fixture.call("SignAppJwt", R"({"app":"ci","issuer":"app_id"})");
  assert_true(fixture.claims(reply).find("iss").as_text() == "12345");
}

TEST(Service, an_app_without_an_app_id_cannot_be_issuer_by_it) {
  fixture.apps[0].app_id = 0;
  fixture.apps[0].client_id = "Iv23li";
  assert_true(fixture.service.load().ok());
  const Reply reply = fixture.call("SignAppJwt", R"({"app":"ci","issuer":"app_id"})");
  assert_string_equal(fixture.text(reply, "field").c_str(), "issuer");
}

TEST(Service, other_issuers_are_refused) {
  const Reply reply = fixture.call("SignAppJwt", R"({"app":"ci","issuer":"Iv1.other"})");
  assert_string_equal(fixture.text(reply, "field").c_str(), "issuer");
}

TEST(Service, claims_of_the_callers_own_are_refused) {
  const Reply reply = fixture.call("SignAppJwt", R"({"app":"ci","exp":9999999999})");
  assert_string_equal(reply.error.c_str(), "io.tokman.InvalidArgument");
}

TEST(Service, a_clients_jwt_is_dated_and_built_by_the_signer) {
  fixture.access.issuer = "tokman.example";
  assert_true(fixture.service.load().ok());
  const Reply reply = fixture.sign_for_client();
  const json::Value claims = fixture.claims(reply);
  const std::int64_t now = fixture.clock.unix_now().time_since_epoch().count();
  assert_string_equal(claims.dump().c_str(),
                      (R"({"iss":"tokman.example","sub":"packit","client_id":"packit","iat":)" +
                       std::to_string(now) + R"(,"exp":)" + std::to_string(now + 600) +
                       R"(,"jti":"J","scope":"a b","max_priority":{"*":7}})")
                          .c_str());
  assert_int_equal(*reply.parameters.find("expires_at").as_int(), now + 600);
}

TEST(Service, a_clients_jwt_has_the_kid_of_a_published_key) {
  const std::string jwt = fixture.text(fixture.sign_for_client(), "jwt");
  const std::string header = from_base64url(jwt.substr(0, jwt.find('.'))).value();
  const json::Value key = fixture.call("AccessJwtKeys").parameters.find("keys").elements()[0];
  const std::string kid(*key.find("kid").as_text());
  assert_string_equal(header.c_str(),
                      (R"({"alg":"EdDSA","typ":"JWT","kid":")" + kid + R"("})").c_str());
  assert_int_equal(from_base64url(*key.find("x").as_text())->size(), 32);
}

TEST(Service, a_clients_jwt_takes_no_other_claims) {
  const Reply reply = fixture.call("SignAccessJwt", R"({"client_id":"packit","jti":"J",)"
                                                    R"("scopes":[],"max_priority":{},"exp":1})");
  assert_string_equal(fixture.text(reply, "field").c_str(), "exp");
}

TEST(Service, jwts_of_clients_are_limited) {
  for (int i = 0; i < 100; ++i) assert_true(fixture.sign_for_client().error.empty());
  assert_string_equal(fixture.sign_for_client().error.c_str(), "io.tokman.RateLimited");
}

TEST(Service, an_unknown_method_is_not_found) {
  assert_string_equal(fixture.call("Sign").error.c_str(), "org.varlink.service.MethodNotFound");
}

TEST(Service, a_missing_parameter_is_named) {
  assert_string_equal(fixture.text(fixture.call("SignAppJwt"), "field").c_str(), "app");
}

TEST(Service, a_oneway_call_has_no_answer) {
  const auto answer = fixture.service.answer(
      R"({"method":"io.tokman.Signer.SignAppJwt","parameters":{"app":"ci"},"oneway":true})",
      fixture.descriptors);
  assert_true(answer.ok());
  assert_true(answer.value().empty());
}

TEST(Service, what_is_no_call_is_an_error) {
  assert_false(fixture.service.answer("sign this", fixture.descriptors).ok());
}

TEST(Service, neither_keys_nor_jwts_are_logged) {
  fixture.files["damaged"] = good_pem().substr(0, 400);
  fixture.use_keys({"damaged", "good"});
  const std::string jwt = fixture.text(fixture.sign(), "jwt");
  assert_true(fixture.lines.count(jwt.substr(0, 40)) == 0);
  assert_true(fixture.lines.count(good_pem().substr(100, 20)) == 0);
}

TEST(Service, a_damaged_key_is_not_repeated_in_the_status) {
  fixture.files["damaged"] = good_pem().substr(0, 400);
  fixture.use_keys({"damaged"});
  const std::string status = fixture.call("Status").parameters.dump();
  assert_true(status.find(good_pem().substr(100, 20)) == std::string::npos);
}

TEST(Service, the_interface_file_lists_just_the_methods_that_are_answered) {
  std::ifstream file(TOKMAN_SIGNER_INTERFACE);
  std::set<std::string> listed;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("method ")) listed.insert(line.substr(7, line.find('(') - 7));
  }
  for (const std::string& method : listed) {
    assert_string_not_equal(fixture.call(method).error.c_str(),
                            "org.varlink.service.MethodNotFound");
  }
  assert_int_equal(listed.size(), 8);
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Service, a_jwt_is_signed_for_an_app),
      RUN(Service, the_answer_says_when_the_jwt_ends),
      RUN(Service, the_answer_says_which_key_signed),
      RUN(Service, a_pkcs8_key_signs),
      RUN(Service, a_key_with_crlf_line_ends_signs),
      RUN(Service, an_unknown_app_is_not_found),
      RUN(Service, the_first_key_that_loads_is_used),
      RUN(Service, without_a_usable_key_the_error_may_be_retried),
      RUN(Service, without_a_usable_key_the_error_says_why),
      RUN(Service, status_tells_every_key_in_order),
      RUN(Service, a_reload_brings_new_keys),
      RUN(Service, a_reload_drops_apps_that_are_gone),
      RUN(Service, a_reload_of_a_bad_configuration_is_an_error),
      RUN(Service, a_reload_of_a_bad_configuration_changes_nothing),
      RUN(Service, ten_signatures_at_once_are_given_and_no_more),
      RUN(Service, the_refusal_says_how_long_to_wait),
      RUN(Service, each_app_has_its_own_limit),
      RUN(Service, a_reload_does_not_refill_the_limit),
      RUN(Service, another_key_signs_if_it_is_asked_for),
      RUN(Service, a_key_that_is_not_there_is_not_found),
      RUN(Service, githubs_clock_is_what_the_jwt_is_dated_by),
      RUN(Service, clocks_that_differ_by_an_hour_are_the_limit),
      RUN(Service, the_client_id_is_the_issuer_if_there_is_one),
      RUN(Service, the_app_id_is_the_issuer_if_that_is_asked_for),
      RUN(Service, an_app_without_an_app_id_cannot_be_issuer_by_it),
      RUN(Service, other_issuers_are_refused),
      RUN(Service, claims_of_the_callers_own_are_refused),
      RUN(Service, a_clients_jwt_is_dated_and_built_by_the_signer),
      RUN(Service, a_clients_jwt_has_the_kid_of_a_published_key),
      RUN(Service, a_clients_jwt_takes_no_other_claims),
      RUN(Service, jwts_of_clients_are_limited),
      RUN(Service, an_unknown_method_is_not_found),
      RUN(Service, a_missing_parameter_is_named),
      RUN(Service, a_oneway_call_has_no_answer),
      RUN(Service, what_is_no_call_is_an_error),
      RUN(Service, neither_keys_nor_jwts_are_logged),
      RUN(Service, a_damaged_key_is_not_repeated_in_the_status),
      RUN(Service, the_interface_file_lists_just_the_methods_that_are_answered),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
