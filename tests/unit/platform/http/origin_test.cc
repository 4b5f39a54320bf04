#include "daemon/platform/http/origin.h"

#include "tests/support/cmocka_cpp.h"

using namespace tokman;

namespace {

struct Url {
  // "host:port", or "-" if it is refused.
  std::string origin_of(const std::string& url) {
    const Result<Origin> origin = https_origin_of(url);
    return origin.ok() ? origin.value().host + ":" + origin.value().port : "-";
  }
};

TEST(Url, the_port_is_that_of_the_scheme_if_none_is_given) {
  assert_string_equal(fixture.origin_of("https://api.github.com/app").c_str(),
                      "api.github.com:443");
}

TEST(Url, a_given_port_counts) {
  assert_string_equal(fixture.origin_of("https://ghe.example:8443/api/v3").c_str(),
                      "ghe.example:8443");
}

TEST(Url, letters_of_a_host_are_small) {
  assert_string_equal(fixture.origin_of("HTTPS://API.GitHub.com").c_str(), "api.github.com:443");
}

TEST(Url, another_scheme_is_refused) {
  for (const char* url : {"http://api.github.com/", "file:///etc/passwd", "ftp://host/"}) {
    assert_string_equal(fixture.origin_of(url).c_str(), "-");
  }
}

TEST(Url, a_password_is_refused) {
  assert_string_equal(fixture.origin_of("https://me:secret@api.github.com/").c_str(), "-");
}

TEST(Url, what_is_no_url_is_refused) {
  for (const char* url : {"", "/app", "https://", "https://host:port/"}) {
    assert_string_equal(fixture.origin_of(url).c_str(), "-");
  }
}

}  // namespace

int main() {
  const CMUnitTest tests[] = {
      RUN(Url, the_port_is_that_of_the_scheme_if_none_is_given),
      RUN(Url, a_given_port_counts),
      RUN(Url, letters_of_a_host_are_small),
      RUN(Url, another_scheme_is_refused),
      RUN(Url, a_password_is_refused),
      RUN(Url, what_is_no_url_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
