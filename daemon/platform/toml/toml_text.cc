#include "daemon/platform/toml/toml_text.h"

#include <toml++/toml.h>

#include <algorithm>

namespace tokman {
namespace {

class TomlReader {
 public:
  TomlReader(const std::string& file, ParsedToml& parsed) : file_(file), parsed_(parsed) {}

  RawTable read_table(const toml::table& table, int depth) {
    RawTable raw;
    for (const auto& [key, node] : table) {
      raw.push_back({std::string(key.str()), read_value(key.source(), node, depth)});
    }
    // toml++ sorts by key.
    std::stable_sort(raw.begin(), raw.end(), [](const auto& left, const auto& right) {
      return line_of(left) < line_of(right);
    });
    return raw;
  }

 private:
  static std::uint32_t line_of(const RawTable::value_type& entry) {
    const auto& [key, value] = entry;
    return value.place.line;
  }

  RawValue read_value(const toml::source_region& source, const toml::node& node, int depth) {
    RawValue raw{{file_, source.begin.line}, false};
    if (depth >= kTomlDepthMax) {
      refuse(raw, "tables and lists are nested too deeply");
    } else if (const auto* table = node.as_table()) {
      raw.content = read_table(*table, depth + 1);
    } else if (const auto* list = node.as_array()) {
      raw.content = read_list(*list, depth + 1);
    } else if (const auto* text = node.as_string()) {
      raw.content = text->get();
    } else if (const auto* number = node.as_integer()) {
      raw.content = number->get();
    } else if (const auto* fraction = node.as_floating_point()) {
      raw.content = fraction->get();
    } else if (const auto* truth = node.as_boolean()) {
      raw.content = truth->get();
    } else {
      refuse(raw, "dates and times are not used here; put text in quotes");
    }
    return raw;
  }

  RawList read_list(const toml::array& list, int depth) {
    RawList raw;
    for (const toml::node& node : list) raw.push_back(read_value(node.source(), node, depth));
    return raw;
  }

  void refuse(const RawValue& value, std::string message) {
    parsed_.problems.push_back({value.place, std::move(message)});
  }

  const std::string& file_;
  ParsedToml& parsed_;
};

}  // namespace

ParsedToml parse_toml(std::string_view text, const std::string& file) {
  ParsedToml parsed{{{file, 0}, RawTable()}, {}};
  try {
    const toml::table root = toml::parse(text);
    RawTable table = TomlReader(file, parsed).read_table(root, 0);
    if (parsed.problems.empty()) parsed.root.content = std::move(table);
  } catch (const toml::parse_error& error) {
    parsed.problems.push_back(
        {{file, error.source().begin.line}, std::string(error.description())});
  }
  return parsed;
}

}  // namespace tokman
