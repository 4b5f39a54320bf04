#include "daemon/base/log.h"

#include <fmt/format.h>

#include <algorithm>

namespace tokman {
namespace {

constexpr std::size_t kValueBytesMax = 1024;

bool needs_quotes(std::string_view value) {
  return value.empty() || std::any_of(value.begin(), value.end(), [](unsigned char letter) {
           return letter <= ' ' || letter == '"' || letter == '=' || letter == '\\' ||
                  letter == 0x7f;
         });
}

void append_quoted(std::string& line, std::string_view value) {
  line += '"';
  for (char letter : value) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      line += '\\';
      line += letter;
    } else if (byte < 0x20 || byte == 0x7f) {
      fmt::format_to(std::back_inserter(line), "\\x{:02x}", byte);
    } else {
      line += letter;
    }
  }
  line += '"';
}

void append_field(std::string& line, std::string_view key, std::string_view value) {
  if (!line.empty()) line += ' ';
  line += key;
  line += '=';
  const std::string_view cut = value.substr(0, kValueBytesMax);
  if (needs_quotes(cut)) {
    append_quoted(line, cut);
  } else {
    line += cut;
  }
  if (cut.size() < value.size()) line += "...";
}

std::string make_line(std::string_view first_key, std::string_view event,
                      std::span<const LogField> fields) {
  std::string line;
  append_field(line, first_key, event);
  for (const LogField& field : fields) append_field(line, field.key, field.value);
  return line;
}

}  // namespace

void Log::write(LogLevel level, std::string_view event, Fields fields) {
  if (level > level_) return;
  sink_.write(level, make_line("event", event, {fields.begin(), fields.size()}));
}

void Log::audit(std::string_view event, std::span<const LogField> fields) {
  sink_.write_audit(make_line("audit", event, fields));
}

}  // namespace tokman
