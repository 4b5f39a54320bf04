#pragma once
// Log lines, kept for the test to look at.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/base/log.h"

namespace tokman {

class CapturedLog final : public LineSink {
 public:
  void write(LogLevel level, std::string_view line) override {
    levels.push_back(level);
    lines.emplace_back(line);
  }
  void write_audit(std::string_view line) override { audit_lines.emplace_back(line); }

  // How many lines of either kind contain `text`.
  std::size_t count(std::string_view text) const {
    const auto has = [text](const std::string& line) {
      return line.find(text) != std::string::npos;
    };
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), has) +
                                    std::count_if(audit_lines.begin(), audit_lines.end(), has));
  }

  // The first line that contains `text`, "" if none does.
  std::string line_with(std::string_view text) const {
    for (const auto* kind : {&lines, &audit_lines}) {
      for (const std::string& line : *kind) {
        if (line.find(text) != std::string::npos) return line;
      }
    }
    return "";
  }

  std::vector<LogLevel> levels;  // Of each of `lines`.
  std::vector<std::string> lines;
  std::vector<std::string> audit_lines;
};

}  // namespace tokman
