// A server chooses its dates: what is read of them is a time between the years 0 and 9999.
#include "daemon/domain/github/http_date.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto date = tokman::parse_http_date(tokman::as_text(data, size));
  if (!date) return 0;
  using namespace std::chrono;
  const year_month_day day(floor<days>(*date));
  tokman::must_hold(day.year() >= year(0) && day.year() <= year(10000));
  tokman::must_hold(size == std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
  return 0;
}
