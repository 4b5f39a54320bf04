// The forms of texts: what is accepted, and what looks like it and is not.
#include "daemon/domain/config/text_forms.h"
#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct FormFixture {
  using Form = bool (*)(std::string_view);
  static void accepts(Form form, std::initializer_list<std::string_view> texts) {
    for (std::string_view text : texts) {
      if (!form(text)) print_error("refused: '%s'\n", std::string(text).c_str());
      assert_true(form(text));
    }
  }
  static void refuses(Form form, std::initializer_list<std::string_view> texts) {
    for (std::string_view text : texts) {
      if (form(text)) print_error("accepted: '%s'\n", std::string(text).c_str());
      assert_false(form(text));
    }
  }
};

TEST(FormFixture, a_path_is_absolute) {
  fixture.accepts(is_absolute_path, {"/", "/etc/x"});
  fixture.refuses(is_absolute_path, {"", "etc/x", "~/x"});
}

TEST(FormFixture, a_signer_is_spawned_or_at_a_socket) {
  fixture.accepts(is_signer, {"spawn", "unix:/run/s.sock"});
  fixture.refuses(is_signer, {"", "Spawn", "unix:", "unix:s.sock", "tcp:/x"});
}

TEST(FormFixture, a_name_is_plain) {
  fixture.accepts(is_name, {"ci", "packit workers", "a.b_c-d"});
  fixture.refuses(is_name, {"", " a", "a ", "a+b", "a/b", "a'b", std::string_view("a\0b", 3)});
}

TEST(FormFixture, an_account_is_no_pattern) {
  fixture.accepts(is_account, {"packit", "EXAMPLE\\user", "host$"});
  fixture.refuses(is_account, {"", "packit*", "a b", "a:b", "a/b"});
}

TEST(FormFixture, a_unit_has_its_suffix) {
  fixture.accepts(is_unit_pattern, {"a.service", "a@*.service", "a*"});
  fixture.refuses(is_unit_pattern, {"", "a", "system.slice/a.service"});
}

TEST(FormFixture, a_host_may_have_a_port) {
  fixture.accepts(is_host, {"github.com", "GHE.example.org:8443", "127.0.0.1:1"});
  fixture.refuses(is_host, {"", ":1", "a:", "a:0", "a:65536", "a:x", "a/b", "u@a", "-a", "a b"});
}

TEST(FormFixture, an_address_is_https_without_user_or_query) {
  fixture.accepts(is_https_url, {"https://a", "https://a/", "https://a:8/api/v3"});
  fixture.refuses(is_https_url, {"", "http://a", "https://", "https:///x", "https://u@a",
                                 "https://a/?q", "https://a#f", "https://a/x y", "HTTPS://a"});
}

TEST(FormFixture, an_issuer_is_one_printable_word) {
  fixture.accepts(is_issuer, {"tokman", "https://tokman.example/", std::string(128, 'x')});
  fixture.refuses(is_issuer, {"", "a b", "a\n", "\xc3\xa9", std::string(129, 'x')});
}

TEST(FormFixture, a_proxy_has_no_password_in_it) {
  fixture.accepts(is_proxy, {"http://p:3128", "https://p", "socks5://p", "socks5h://p:1"});
  fixture.refuses(is_proxy, {"", "p:3128", "http://", "http://u:p@p", "ftp://p", "http://p/x"});
}

TEST(FormFixture, a_date_has_ten_characters) {
  fixture.accepts(is_date, {"2022-11-28"});
  fixture.refuses(is_date, {"", "2022-11-2", "2022-11-288", "2022/11/28", "x022-11-28"});
}

TEST(FormFixture, a_target_is_an_owner_or_a_repository) {
  fixture.accepts(is_target, {"octo-org", "octo-org/hello", "octo-org/*", "*/x", "a/.github"});
  fixture.refuses(is_target, {"", "/", "a/", "/a", "a/b/c", "a/..", "./a", "**/x", "a/b c",
                              "https://github.com/a", "a/%2e"});
}

TEST(FormFixture, a_client_id_is_plain) {
  fixture.accepts(is_client_id, {"Iv1.8a61f9b3a7aba766", "Iv23liABC"});
  fixture.refuses(is_client_id, {"", "Iv1 x", "\"Iv1\""});
}

TEST(FormFixture, a_secret_is_in_a_known_place) {
  fixture.accepts(is_secret_place, {"file:/a", "env:TOKEN_1", "credential:store.key"});
  fixture.refuses(is_secret_place, {"", "/a", "file:a", "file:", "env:", "env:A B", "env:1A",
                                    "credential:", "credential:..", "credential:a/b",
                                    "credential:.x", "vault:a", "FILE:/a"});
}

TEST(FormFixture, the_place_of_a_secret_is_taken_apart) {
  const auto place = parse_secret_place("credential:store.key");
  assert_true(place->scheme == SecretScheme::credential);
  assert_string_equal(place->name.c_str(), "store.key");
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(FormFixture, a_path_is_absolute),
      RUN(FormFixture, a_signer_is_spawned_or_at_a_socket),
      RUN(FormFixture, a_name_is_plain),
      RUN(FormFixture, an_account_is_no_pattern),
      RUN(FormFixture, a_unit_has_its_suffix),
      RUN(FormFixture, a_host_may_have_a_port),
      RUN(FormFixture, an_address_is_https_without_user_or_query),
      RUN(FormFixture, an_issuer_is_one_printable_word),
      RUN(FormFixture, a_proxy_has_no_password_in_it),
      RUN(FormFixture, a_date_has_ten_characters),
      RUN(FormFixture, a_target_is_an_owner_or_a_repository),
      RUN(FormFixture, a_client_id_is_plain),
      RUN(FormFixture, a_secret_is_in_a_known_place),
      RUN(FormFixture, the_place_of_a_secret_is_taken_apart),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
