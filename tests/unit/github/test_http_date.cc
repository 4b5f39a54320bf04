// The Date of HTTP answers: one form, and only dates that exist.
#include "daemon/domain/github/http_date.h"

#include "tests/support/cmocka_cpp.h"

namespace tokman {
namespace {

struct Dates {};

std::int64_t seconds_of(std::string_view text) {
  const auto date = parse_http_date(text);
  return date ? std::int64_t{date->time_since_epoch().count()} : -1;
}

TEST(Dates, the_example_of_the_rfc_is_read) {
  assert_int_equal(seconds_of("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
}

TEST(Dates, each_month_is_read) {
  assert_int_equal(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  assert_int_equal(seconds_of("Thu, 29 Feb 2024 23:59:59 GMT"), 1709251199);
  assert_int_equal(seconds_of("Tue, 31 Dec 2024 12:00:00 GMT"), 1735646400);
}

TEST(Dates, other_forms_are_refused) {
  for (const char* text : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
                           "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37",
                           "Sun, 6 Nov 1994 08:49:37 GMT", " Sun, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT ", "sun, 06 nov 1994 08:49:37 gmt",
                           "Sun, 06 Nov -994 08:49:37 GMT"}) {
    assert_int_equal(seconds_of(text), -1);
  }
}

TEST(Dates, dates_that_do_not_exist_are_refused) {
  for (const char* text : {"Wed, 30 Feb 2024 00:00:00 GMT", "Mon, 00 Jan 2024 00:00:00 GMT",
                           "Mon, 01 Foo 2024 00:00:00 GMT", "Mon, 01 Jan 2024 24:00:00 GMT",
                           "Mon, 01 Jan 2024 00:60:00 GMT", "Mon, 01 Jan 2024 00:00:61 GMT"}) {
    assert_int_equal(seconds_of(text), -1);
  }
}

TEST(Dates, a_day_of_the_week_that_does_not_fit_is_refused) {
  assert_int_equal(seconds_of("Mon, 06 Nov 1994 08:49:37 GMT"), -1);
}

}  // namespace
}  // namespace tokman

int main() {
  using namespace tokman;
  const CMUnitTest tests[] = {
      RUN(Dates, the_example_of_the_rfc_is_read),
      RUN(Dates, each_month_is_read),
      RUN(Dates, other_forms_are_refused),
      RUN(Dates, dates_that_do_not_exist_are_refused),
      RUN(Dates, a_day_of_the_week_that_does_not_fit_is_refused),
  };
  return cmocka_run_group_tests(tests, nullptr, nullptr);
}
