#pragma once
// One line of the doctor's report: what was looked at, how it is, and what to do about it.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tokman {

// From good to bad, so that the worst is the greatest; the numbers are the exit statuses.
enum class Verdict : std::uint8_t { good = 0, doubtful = 1, bad = 2 };

constexpr std::string_view verdict_name(Verdict verdict) {
  constexpr std::string_view kNames[] = {"good", "doubtful", "bad"};
  return kNames[static_cast<std::size_t>(verdict)];
}

struct Finding {
  std::string name;  // "store", "keys:ci"
  Verdict verdict = Verdict::good;
  std::string text;
  std::string advice = {};  // "" if there is nothing to do.
};
using Findings = std::vector<Finding>;

inline Verdict worst_of(const Findings& findings) {
  Verdict worst = Verdict::good;
  for (const Finding& finding : findings) worst = std::max(worst, finding.verdict);
  return worst;
}

// As it is printed: "bad       store: is full", and a line that says what to do about it.
std::string report_lines(const Finding& finding);

}  // namespace tokman
