// doctor.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "tools/tokman/commands.h"
#include "tools/tokman/daemon_calls.h"
#include "tools/tokman/output.h"

namespace tokman {
namespace {

struct Verdict {
  std::string_view name;
  std::string_view colour;
};
constexpr Verdict kVerdicts[] = {
    {"good", "\033[32m"}, {"doubtful", "\033[33m"}, {"bad", "\033[31m"}};  // As exit statuses.
constexpr std::string_view kNoColour = "\033[0m";

// A state that is new to this version is taken for the worst.
std::size_t verdict_of(const json::Value& object) {
  const std::string name = shown_member(object, "state");
  std::size_t verdict = 0;
  while (verdict + 1 < std::size(kVerdicts) && name != kVerdicts[verdict].name) ++verdict;
  return verdict;
}

bool is_coloured() { return isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

std::string lines_of(const json::Value& finding) {
  const auto& [name, colour] = kVerdicts[verdict_of(finding)];
  const std::string advice = shown_member(finding, "advice");
  std::string state = fmt::format("{:<8}", name);
  if (is_coloured()) state = fmt::format("{}{}{}", colour, state, kNoColour);
  std::string lines = fmt::format("{}  {}: {}", state, shown_member(finding, "name"),
                                  shown_member(finding, "text"));
  if (!advice.empty()) lines += fmt::format("\n          to do: {}", advice);
  return lines;
}

}  // namespace

Result<int> run_doctor(const Options& options) {
  Result<json::Value> reply = call(options, "io.tokman.Daemon.Doctor");
  if (!reply.ok()) return reply.error();
  const int status = static_cast<int>(verdict_of(reply.value()));
  if (options.json) {
    Result<int> printed = print_json(reply.value());
    return printed.ok() ? Result<int>(status) : printed;
  }
  for (const json::Value& finding : reply.value().find("findings").elements()) {
    if (Result<int> printed = print_line(lines_of(finding)); !printed.ok()) return printed;
  }
  return status;
}

}  // namespace tokman
