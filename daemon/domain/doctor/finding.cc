#include "daemon/domain/doctor/finding.h"

#include <fmt/format.h>

namespace tokman {

std::string report_lines(const Finding& finding) {
  std::string lines =
      fmt::format("{:<8}  {}: {}", verdict_name(finding.verdict), finding.name, finding.text);
  if (!finding.advice.empty()) lines += "\n          to do: " + finding.advice;
  return lines;
}

}  // namespace tokman
