#include "daemon/domain/github/http_date.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// `a` stands for a letter and `0` for a digit; all else for itself.
bool has_form(std::string_view text, std::string_view form) {
  return std::equal(text.begin(), text.end(), form.begin(), form.end(), [](char c, char f) {
    if (f == '0') return c >= '0' && c <= '9';
    if (f == 'a') return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return c == f;
  });
}

template <std::size_t N>
unsigned index_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return static_cast<unsigned>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

std::optional<UnixTime> parse_http_date(std::string_view text) {
  if (!has_form(text, "aaa, 00 aaa 0000 00:00:00 GMT")) return std::nullopt;
  const auto number = [text](std::size_t at, std::size_t size) {
    return static_cast<int>(*parse_int(text.substr(at, size)));
  };
  using namespace std::chrono;
  const year_month_day date{year(number(12, 4)), month(index_of(kMonths, text.substr(8, 3)) + 1),
                            day(static_cast<unsigned>(number(5, 2)))};
  if (!date.ok() || number(17, 2) > 23 || number(20, 2) > 59 || number(23, 2) > 60) {
    return std::nullopt;
  }
  if (weekday(sys_days(date)).c_encoding() != index_of(kDays, text.substr(0, 3))) {
    return std::nullopt;
  }
  return UnixTime(sys_days(date)) + hours(number(17, 2)) + minutes(number(20, 2)) +
         seconds(number(23, 2));
}

}  // namespace tokman
