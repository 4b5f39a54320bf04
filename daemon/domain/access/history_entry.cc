#include "daemon/domain/access/history_entry.h"

#include <algorithm>

namespace tokman {
namespace {

template <class Enum, class Names>
std::optional<Enum> parse(const Names& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::optional<HistoryKind> parse_history_kind(std::string_view name) {
  return parse<HistoryKind>(kHistoryKindNames, name);
}

std::optional<HistoryAction> parse_history_action(std::string_view name) {
  return parse<HistoryAction>(kHistoryActionNames, name);
}

}  // namespace tokman
