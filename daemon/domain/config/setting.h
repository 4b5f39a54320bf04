#pragma once
// One row of settings.h: a key of the configuration, where its value goes, and how it is explained.
#include <string_view>
#include <variant>

#include "daemon/domain/config/value_types.h"

namespace tokman {

enum class Reload : bool { no, yes };  // Whether SIGHUP applies it to a running daemon.

// As a default: there is none, the key must be given.
inline constexpr std::string_view kRequired = "required";

// A member of a section, and the type by which it is read.
template <class Section, class Type>
struct Slot {
  typename Type::Value Section::*member;
  Type type;
};

template <class Section>
struct Setting {
  using AnySlot =
      std::variant<Slot<Section, TextType>, Slot<Section, TextsType>, Slot<Section, NumberType>,
                   Slot<Section, IdsType>, Slot<Section, SizeType>, Slot<Section, DurationType>,
                   Slot<Section, ModeType>, Slot<Section, LogLevelType>, Slot<Section, ScopesType>,
                   Slot<Section, NewScopesType>, Slot<Section, PermissionsType>,
                   Slot<Section, InstallationsType>, Slot<Section, MatchType>>;

  template <class Owner, class Value, class Type>  // Owner: Section, or what it is derived from.
  constexpr Setting(std::string_view setting_key, Value Owner::*member, Type type,
                    std::string_view setting_default, Reload setting_reload,
                    std::string_view setting_help)
      : key(setting_key),
        slot(Slot<Section, Type>{member, type}),
        default_text(setting_default),
        reload(setting_reload),
        help(setting_help) {}

  std::string_view key;
  AnySlot slot;
  std::string_view default_text;  // "": unset.
  Reload reload;
  std::string_view help;
};

}  // namespace tokman
