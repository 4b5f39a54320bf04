#include "tools/tokman/moments.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <time.h>

#include <cstdlib>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

std::optional<std::int64_t> parse_date(const std::string& text) {
  for (const char* form : {"%Y-%m-%d", "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%SZ"}) {
    tm date{};
    const char* end = strptime(text.c_str(), form, &date);
    if (end == nullptr || *end != '\0') continue;
    const tm read = date;
    const std::int64_t at = timegm(&date);
    if (date.tm_mday == read.tm_mday) return at;  // There is no 31st of February.
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_moment(std::string_view text, Direction direction,
                                         std::int64_t now) {
  const auto length = parse_duration(text);
  if (!length) return parse_date(std::string(text));
  const std::int64_t seconds = length->count() / 1000;
  return direction == Direction::ahead ? now + seconds : now - seconds;
}

std::string shown_moment(std::int64_t at) {
  constexpr std::int64_t kEndOfYear9999 = 253'402'300'799;
  if (at < 0 || at > kEndOfYear9999) return std::to_string(at);
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<time_t>(at)));
}

std::string shown_distance(std::int64_t at, std::int64_t now) {
  struct Unit {
    std::int64_t seconds;
    const char* name;
  };
  constexpr Unit kUnits[] = {{86'400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  const std::int64_t distance = std::abs(at - now);
  for (const auto& [seconds, name] : kUnits) {
    if (distance < 2 * seconds && seconds > 1) continue;  // "90 min" tells more than "1 h".
    if (distance == 0) break;
    const std::string length = fmt::format("{} {}", distance / seconds, name);
    return at > now ? "in " + length : length + " ago";
  }
  return "now";
}

}  // namespace tokman
