#pragma once
// Small questions about text: parts, numbers, durations, patterns, likely misspellings.
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tokman {

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view separator);

// ASCII only: GitHub's names have no other letters.
std::string lower_case(std::string_view text);

// Decimal digits and nothing else; none if there is anything else or it does not fit.
std::optional<std::int64_t> parse_int(std::string_view text);

// "250ms" "30s" "5m" "2h" "90d"; the unit is required.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string format_duration(std::chrono::milliseconds duration);

// '*' matches any run of characters that are not `separator`; everything else matches itself.
bool glob_matches(std::string_view pattern, std::string_view text, char separator);

// The candidate most like `word`, for "did you mean"; none if nothing is near.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

}  // namespace tokman
