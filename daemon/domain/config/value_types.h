#pragma once
// The types a setting can have: each knows its range, can be read from the raw configuration, and
// can be described to people.
//
// To add a type: a struct here with its `Value`, read_value() and describe(), and its Slot in
// setting.h.
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/raw_config.h"
#include "daemon/domain/config/complaints.h"
#include "daemon/domain/config/text_forms.h"
#include "daemon/domain/policy/grant.h"

namespace tokman {

struct TextType {
  using Value = std::string;
  TextForm form;
};
struct TextsType {  // A list, or a single text; never empty.
  using Value = std::vector<std::string>;
  TextForm form;
};
struct NumberType {
  using Value = std::int64_t;
  std::int64_t min;
  std::int64_t max;
};
struct IdsType {  // Of users or groups: a list or a single number; never empty.
  using Value = std::vector<uid_t>;
};
struct SizeType {  // "64KiB"
  using Value = std::int64_t;
  std::int64_t min;
  std::int64_t max;
};
struct DurationType {  // "90s"
  using Value = std::chrono::milliseconds;
  std::chrono::milliseconds min;
  std::chrono::milliseconds max;
};
struct ModeType {  // "0660"
  using Value = std::uint32_t;
};
struct LogLevelType {
  using Value = LogLevel;
};
struct ScopesType {  // A list, or a single one; config_builder knows which there are.
  using Value = ScopeNames;
};
struct NewScopesType {  // A table of names, each with what it is for.
  using Value = std::map<std::string, std::string>;
};
struct PermissionsType {
  using Value = Permissions;
};
struct InstallationsType {
  using Value = std::map<std::string, std::int64_t>;
};
struct MatchType {
  using Value = GrantMatch;
};

// Each stores the value, or complains and leaves `value` in some valid state.
void read_value(const RawValue& raw, TextType type, std::string& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, TextsType type, std::vector<std::string>& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, NumberType type, std::int64_t& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, IdsType type, std::vector<uid_t>& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, SizeType type, std::int64_t& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, DurationType type, std::chrono::milliseconds& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, ModeType type, std::uint32_t& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, LogLevelType type, LogLevel& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, ScopesType type, ScopeNames& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, NewScopesType type, std::map<std::string, std::string>& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, PermissionsType type, Permissions& value,
                const Complaints& complaints);
void read_value(const RawValue& raw, InstallationsType type,
                std::map<std::string, std::int64_t>& value, const Complaints& complaints);
void read_value(const RawValue& raw, MatchType type, GrantMatch& value,
                const Complaints& complaints);

// "a duration, 1s to 10m": what a value of this type "must be".
std::string describe(TextType type);
std::string describe(TextsType type);
std::string describe(NumberType type);
std::string describe(IdsType type);
std::string describe(SizeType type);
std::string describe(DurationType type);
std::string describe(ModeType type);
std::string describe(LogLevelType type);
std::string describe(ScopesType type);
std::string describe(NewScopesType type);
std::string describe(PermissionsType type);
std::string describe(InstallationsType type);
std::string describe(MatchType type);

}  // namespace tokman
