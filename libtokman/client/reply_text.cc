#include "libtokman/client/reply_text.h"

namespace tokman {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view::size_type kNone = std::string_view::npos;

// The position of the quote that ends the string whose first character is at `at`.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (;;) {
    const std::size_t end = text.find('"', at);
    if (end == kNone) return kNone;
    std::size_t first_backslash = end;
    while (first_backslash > at && text[first_backslash - 1] == '\\') --first_backslash;
    if ((end - first_backslash) % 2 == 0) return end;
    at = end + 1;
  }
}

std::string_view skip_space(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpace);
  return begin == kNone ? std::string_view() : text.substr(begin);
}

}  // namespace

std::string_view find_member(std::string_view object, std::string_view name) {
  if (!object.starts_with('{')) return {};
  int depth = 0;
  for (std::size_t at = 0; at < object.size(); ++at) {
    const char letter = object[at];
    if (letter == '{' || letter == '[') ++depth;
    if ((letter == '}' || letter == ']') && --depth == 0) return {};
    if (letter != '"') continue;
    const std::size_t end = end_of_string(object, at + 1);
    if (end == kNone) return {};
    const bool is_name = object.substr(at + 1, end - at - 1) == name;
    at = end;
    if (depth != 1 || !is_name) continue;
    const std::string_view rest = skip_space(object.substr(end + 1));
    if (rest.starts_with(':')) return skip_space(rest.substr(1));
  }
  return {};
}

std::string_view first_value(std::string_view text) {
  int depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char letter = text[at];
    if (letter == '{' || letter == '[') ++depth;
    if (letter == '}' || letter == ']') --depth;
    if (letter == '"') {
      at = end_of_string(text, at + 1);
      if (at == kNone) return {};
    }
    if (depth == 0) return text.substr(0, at + 1);
  }
  return {};
}

CutReply cut_token(std::string_view reply) {
  const std::string_view token = find_member(find_member(reply, "parameters"), "token");
  if (!token.starts_with('"')) return {reply, {}, {}};
  const std::size_t begin = static_cast<std::size_t>(token.data() - reply.data()) + 1;
  const std::size_t end = end_of_string(reply, begin);
  if (end == kNone) return {reply, {}, {}};
  return {reply.substr(0, begin), reply.substr(begin, end - begin), reply.substr(end)};
}

std::string CutReply::without_token() const {
  std::string text;
  text.reserve(before.size() + after.size());
  return text.append(before).append(after);
}

std::string_view error_details(std::string_view reply) {
  if (find_member(reply, "error").empty()) return "{}";
  const std::string_view details = first_value(find_member(reply, "parameters"));
  return details.starts_with('{') ? details : "{}";
}

}  // namespace tokman
