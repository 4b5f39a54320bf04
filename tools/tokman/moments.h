#pragma once
// Moments and lengths of time, as people write and read them.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tokman {

// Which way a length of time goes, where a moment is wanted: "90d" from now on, or 90 days ago.
enum class Direction { ahead, ago };

// Unix seconds of "2026-12-31", "2026-12-31T12:00Z", "2026-12-31T12:00:00Z" or "90d"; none if the
// text is nothing of these.
std::optional<std::int64_t> parse_moment(std::string_view text, Direction direction,
                                         std::int64_t now);

// "2026-12-31 12:00:00 UTC"; the number itself beyond the year 9999.
std::string shown_moment(std::int64_t at);

// "in 3 h", "90 d ago", "now".
std::string shown_distance(std::int64_t at, std::int64_t now);

}  // namespace tokman
