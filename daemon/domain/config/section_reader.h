#pragma once
// One table of the configuration into one struct, by the rows of settings.h.
#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "daemon/domain/config/config_layers.h"
#include "daemon/domain/config/setting.h"
#include "libtokman/base/text.h"

namespace tokman {

// A default as it would stand in a file.
template <class Type>
RawValue default_value(std::string_view text) {
  if constexpr (std::is_same_v<Type, NumberType>) {
    return {{}, parse_int(text).value_or(0)};
  } else {
    return {{}, std::string(text)};
  }
}

// Sets every member that has a row: from the table, or else to its default. Complains about keys
// without a row, values that do not fit, and required keys that are missing (at `place`).
template <class Section>
void read_section(const RawTable& table, const SourcePlace& place,
                  std::span<const Setting<Section>> settings, Section& section,
                  const Complaints& complaints) {
  std::vector<std::string_view> known;
  for (const Setting<Section>& setting : settings) {
    known.push_back(setting.key);
    const RawValue* given = find_key(table, setting.key);
    if (given == nullptr && setting.default_text.empty()) continue;
    const Complaints of_key = complaints.of_key(setting.key);
    if (given == nullptr && setting.default_text == kRequired) {
      of_key.add(place, "is missing");
      continue;
    }
    std::visit(
        [&]<class Type>(const Slot<Section, Type>& slot) {
          const RawValue value =
              given != nullptr ? *given : default_value<Type>(setting.default_text);
          read_value(value, slot.type, section.*slot.member, of_key);
        },
        setting.slot);
  }
  for (const auto& [key, value] : table) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      complaints.add_unknown(value.place, key, known);
    }
  }
}

}  // namespace tokman
