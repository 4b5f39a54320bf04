#include "tools/tokman/output.h"

#include <errno.h>
#include <fmt/format.h>
#include <string.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "libtokman/base/text.h"
#include "tools/tokman/advice.h"
#include "tools/tokman/moments.h"

namespace tokman {
namespace {

std::string without_controls(std::string_view text) {
  std::string plain(text);
  for (char& letter : plain) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < ' ' || byte == 0x7f) letter = '?';
  }
  return plain;
}

std::string shown(const json::Value& value) {
  if (const auto text = value.as_text()) return without_controls(*text);
  if (const auto truth = value.as_bool()) return *truth ? "yes" : "no";
  if (const auto number = value.as_int()) return std::to_string(*number);
  std::vector<std::string> parts;
  for (const json::Value& element : value.elements()) parts.push_back(shown(element));
  for (const auto& [name, member] : value.members()) {
    parts.push_back(without_controls(name) + "=" + shown(member));
  }
  return join(parts, ", ");
}

using Row = std::vector<std::string>;

// Columns as wide as they need to be, two spaces between them.
std::string aligned(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(row.size());
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    std::string& line = lines.emplace_back();
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += fmt::format("{:<{}}", row[i], widths[i] + 2);
    }
    line.erase(line.find_last_not_of(' ') + 1);
  }
  return join(lines, "\n");
}

std::vector<Row> facts_of(const json::Value& object, const Names& members) {
  std::vector<Row> rows;
  for (const std::string_view name : members) {
    const std::string value = shown_member(object, name);
    if (!value.empty()) rows.push_back({std::string(name), value});
  }
  return rows;
}

bool is_moment(std::string_view name) {
  constexpr std::string_view kMoments[] = {"reset",       "created",    "modified",
                                           "key_created", "event_time", "old_expires"};
  return name.ends_with("_at") || name.ends_with("until") ||
         std::find(std::begin(kMoments), std::end(kMoments), name) != std::end(kMoments);
}

json::Value json_of(const Error& error) {
  json::Value value = json::Value::object();
  value.set("error", tokman_error_name(error.code)).set("number", -error.code);
  value.set("message", error.message);
  value.set("retryable", tokman_error_is_retryable(error.code) == 1);
  if (error.retry_after) value.set("retry_after_ms", std::int64_t{error.retry_after->count()});
  if (!error.field.empty()) value.set("field", error.field);
  if (error.github) {
    json::Value github = json::Value::object().set("status", error.github->status);
    github.set("message", error.github->message).set("request_id", error.github->request_id);
    value.set("github", github);
  }
  return value;
}

}  // namespace

Result<int> print_line(std::string_view line) {
  if (fwrite(line.data(), 1, line.size(), stdout) == line.size() && fputc('\n', stdout) != EOF &&
      fflush(stdout) == 0) {
    return 0;
  }
  return Error{TOKMAN_E_SYSTEM, std::string("writing the output: ") + strerrordesc_np(errno)};
}

Result<int> print_json(const json::Value& value) { return print_line(value.dump_indented()); }

Result<int> print_facts(const json::Value& object, const Names& members) {
  return print_line(aligned(facts_of(object, members)));
}

void note_facts(const json::Value& object, const Names& members) {
  const std::string facts = aligned(facts_of(object, members));
  if (!facts.empty()) fmt::print(stderr, "{}\n", facts);
}

Result<int> print_table(const Names& titles, const json::Value& list, const Names& members) {
  std::vector<Row> rows{Row(titles.begin(), titles.end())};
  for (const json::Value& object : list.elements()) {
    Row& row = rows.emplace_back();
    for (const std::string_view name : members) row.push_back(shown_member(object, name));
  }
  return print_line(aligned(rows));
}

Result<int> print_section(const Names& titles, const json::Value& list, const Names& members) {
  if (list.elements().empty()) return 0;
  const Result<int> printed = print_line("");
  return printed.ok() ? print_table(titles, list, members) : printed;
}

std::string shown_member(const json::Value& object, std::string_view name) {
  const json::Value value = object.find(name);
  const auto number = value.as_int();
  if (number && name == "expires") {
    return fmt::format("{} ({})", shown_moment(*number),
                       shown_distance(*number, std::time(nullptr)));
  }
  return number && is_moment(name) ? shown_moment(*number) : shown(value);
}

int report(const Error& error, const Options& options) {
  if (options.json) {
    fmt::print(stderr, "{}\n", json_of(error).dump());
    return -error.code;
  }
  fmt::print(stderr, "tokman: {}\n", without_controls(error.message));
  if (error.github) {
    fmt::print(stderr, "  GitHub said {}: {} (request {})\n", error.github->status,
               without_controls(error.github->message), without_controls(error.github->request_id));
  }
  if (const std::string advice = advice_for(error, options); !advice.empty()) {
    fmt::print(stderr, "  {}\n", advice);
  }
  return -error.code;
}

}  // namespace tokman
