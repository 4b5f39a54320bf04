#include "daemon/domain/config/value_types.h"

#include <algorithm>
#include <charconv>

#include "daemon/domain/policy/peer_facts.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::int64_t kIdMax = 0xffff'fffe;
constexpr std::int64_t kInstallationIdMax = std::int64_t{1} << 53;

struct LevelName {
  LogLevel level;
  std::string_view name;
};
constexpr LevelName kLevelNames[] = {{LogLevel::error, "error"},
                                     {LogLevel::warning, "warning"},
                                     {LogLevel::info, "info"},
                                     {LogLevel::debug, "debug"}};

struct SizeUnit {
  std::string_view suffix;
  std::int64_t bytes;
};
constexpr SizeUnit kSizeUnits[] = {{"MiB", 1024 * 1024}, {"KiB", 1024}};

std::optional<std::int64_t> parse_size(std::string_view text) {
  for (const SizeUnit& unit : kSizeUnits) {
    if (!text.ends_with(unit.suffix)) continue;
    const auto count = parse_int(text.substr(0, text.size() - unit.suffix.size()));
    if (!count || *count < 0 || *count > kInstallationIdMax / unit.bytes) return std::nullopt;
    return *count * unit.bytes;
  }
  return std::nullopt;
}

std::string format_size(std::int64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits) {
    if (bytes % unit.bytes == 0) return std::to_string(bytes / unit.bytes).append(unit.suffix);
  }
  return std::to_string(bytes);
}

// One value instead of a list is a list of one.
RawList as_list(const RawValue& raw) {
  const auto* list = std::get_if<RawList>(&raw.content);
  return list != nullptr ? *list : RawList{raw};
}

template <class Type>
void complain(const RawValue& raw, Type type, const Complaints& complaints) {
  complaints.add(raw.place, "must be " + describe(type));
}

bool has_control_characters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
  });
}

std::optional<std::uint32_t> parse_mode(std::string_view text) {
  std::uint32_t mode = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, mode, 8);
  if (fault != std::errc() || stop != end || mode > 0777) return std::nullopt;
  return mode;
}

// Text that `parse` turns into a value between type.min and type.max.
template <class Type, class Parse>
void read_quantity(const RawValue& raw, Type type, typename Type::Value& value,
                   const Complaints& complaints, Parse parse) {
  const auto* text = std::get_if<std::string>(&raw.content);
  const auto parsed = text != nullptr ? parse(*text) : std::nullopt;
  if (!parsed || *parsed < type.min || *parsed > type.max) return complain(raw, type, complaints);
  value = *parsed;
}

}  // namespace

void read_value(const RawValue& raw, TextType type, std::string& value,
                const Complaints& complaints) {
  const auto* text = std::get_if<std::string>(&raw.content);
  if (text == nullptr || has_control_characters(*text) || !type.form.fits(*text)) {
    return complain(raw, type, complaints);
  }
  value = *text;
}

void read_value(const RawValue& raw, TextsType type, std::vector<std::string>& value,
                const Complaints& complaints) {
  const RawList list = as_list(raw);
  if (list.empty()) return complaints.add(raw.place, "must not be empty");
  value.clear();
  for (const RawValue& element : list) {
    read_value(element, TextType{type.form}, value.emplace_back(), complaints);
  }
}

void read_value(const RawValue& raw, NumberType type, std::int64_t& value,
                const Complaints& complaints) {
  const auto* number = std::get_if<std::int64_t>(&raw.content);
  if (number == nullptr || *number < type.min || *number > type.max) {
    return complain(raw, type, complaints);
  }
  value = *number;
}

void read_value(const RawValue& raw, IdsType type, std::vector<uid_t>& value,
                const Complaints& complaints) {
  const RawList list = as_list(raw);
  if (list.empty()) return complaints.add(raw.place, "must not be empty");
  value.clear();
  for (const RawValue& element : list) {
    const auto* number = std::get_if<std::int64_t>(&element.content);
    if (number == nullptr || *number < 0 || *number > kIdMax || *number == kOverflowId) {
      complain(element, type, complaints);
    } else {
      value.push_back(static_cast<uid_t>(*number));
    }
  }
}

void read_value(const RawValue& raw, SizeType type, std::int64_t& value,
                const Complaints& complaints) {
  read_quantity(raw, type, value, complaints, parse_size);
}

void read_value(const RawValue& raw, DurationType type, std::chrono::milliseconds& value,
                const Complaints& complaints) {
  read_quantity(raw, type, value, complaints, parse_duration);
}

void read_value(const RawValue& raw, ModeType type, std::uint32_t& value,
                const Complaints& complaints) {
  const auto* text = std::get_if<std::string>(&raw.content);
  const auto mode = text != nullptr ? parse_mode(*text) : std::nullopt;
  if (!mode) return complain(raw, type, complaints);
  value = *mode;
}

void read_value(const RawValue& raw, LogLevelType type, LogLevel& value,
                const Complaints& complaints) {
  const auto* text = std::get_if<std::string>(&raw.content);
  for (const LevelName& row : kLevelNames) {
    if (text != nullptr && *text == row.name) return void(value = row.level);
  }
  complain(raw, type, complaints);
}

void read_value(const RawValue& raw, ScopesType type, ScopeNames& value,
                const Complaints& complaints) {
  const RawList list = as_list(raw);
  if (list.empty()) return complaints.add(raw.place, "must not be empty");
  for (const RawValue& element : list) {
    const auto* text = std::get_if<std::string>(&element.content);
    if (text == nullptr) {
      complain(element, type, complaints);
    } else {
      value.insert(*text);
    }
  }
}

void read_value(const RawValue& raw, NewScopesType type, std::map<std::string, std::string>& value,
                const Complaints& complaints) {
  const auto* table = std::get_if<RawTable>(&raw.content);
  if (table == nullptr) return complain(raw, type, complaints);
  for (const auto& [name, about] : *table) {
    const auto* text = std::get_if<std::string>(&about.content);
    if (!is_new_scope(name)) {
      complaints.of_key(name).add(about.place,
                                  "must have a name such as \"read:images\", and none that "
                                  "begins with \"admin:\", \"user:\" or \"github:\"");
    } else if (text == nullptr) {
      complaints.of_key(name).add(about.place, "must be a text that says what it is for");
    } else {
      value.emplace(name, *text);
    }
  }
}

void read_value(const RawValue& raw, PermissionsType type, Permissions& value,
                const Complaints& complaints) {
  const auto* table = std::get_if<RawTable>(&raw.content);
  if (table == nullptr || table->empty()) return complain(raw, type, complaints);
  for (const auto& [name, level] : *table) {
    const auto* text = std::get_if<std::string>(&level.content);
    const auto parsed = Permissions::parse({{name, text != nullptr ? *text : ""}});
    if (parsed.ok()) {
      value.set(name, parsed.value().levels().begin()->second);
    } else {
      complaints.of_key(name).add(level.place,
                                  "must be a permission with \"read\", \"write\" or \"admin\"");
    }
  }
}

void read_value(const RawValue& raw, InstallationsType type,
                std::map<std::string, std::int64_t>& value, const Complaints& complaints) {
  const auto* table = std::get_if<RawTable>(&raw.content);
  if (table == nullptr) return complain(raw, type, complaints);
  for (const auto& [owner, id] : *table) {
    const auto* number = std::get_if<std::int64_t>(&id.content);
    const bool is_owner = is_target(owner) && owner.find_first_of("/*") == std::string::npos;
    if (!is_owner || number == nullptr || *number < 1 || *number > kInstallationIdMax) {
      complaints.of_key(owner).add(id.place, "must be an owner with an installation id");
    } else if (!value.emplace(lower_case(owner), *number).second) {
      complaints.of_key(owner).add(id.place, "is there twice: letter case makes no difference");
    }
  }
}

std::string describe(TextType type) { return std::string(type.form.words); }

std::string describe(TextsType type) { return std::string(type.form.words) + "; one or a list"; }

std::string describe(NumberType type) {
  return "a whole number, " + std::to_string(type.min) + " to " + std::to_string(type.max);
}

std::string describe(IdsType) { return "a number, 0 to 4294967294 but not 65534; one or a list"; }

std::string describe(SizeType type) {
  return "a size, \"" + format_size(type.min) + "\" to \"" + format_size(type.max) + "\"";
}

std::string describe(DurationType type) {
  return "a duration, \"" + format_duration(type.min) + "\" to \"" + format_duration(type.max) +
         "\"";
}

std::string describe(ModeType) { return "a mode in octal, such as \"0660\""; }

std::string describe(LogLevelType) {
  std::string words;
  for (const LevelName& row : kLevelNames) {
    words.append(words.empty() ? "\"" : ", \"").append(row.name).append("\"");
  }
  return "one of " + words;
}

std::string describe(ScopesType) { return "some of the [scopes](#scopes)"; }
std::string describe(NewScopesType) { return "a table of scopes, each with what it is for"; }

std::string describe(PermissionsType) {
  return "a table of permissions, each \"read\", \"write\" or \"admin\"";
}

std::string describe(InstallationsType) {
  return "a table of owners, each with an installation id";
}

std::string describe(MatchType) { return "a table of conditions that must all hold"; }

}  // namespace tokman
