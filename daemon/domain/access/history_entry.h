#pragma once
// One line of the history: who changed which credential, how, and from where.
//
// Written in the transaction of the change, never altered, and kept when its subject is gone. What
// an edit changed is there twice: the new value among the facts, the former one in `old_…`.
#include <sys/types.h>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/ports.h"
#include "daemon/domain/access/access_token.h"

namespace tokman {

inline constexpr const char* kInternalActor = "<internal>";  // The daemon itself.

// Who acted: a local process, somebody over HTTP, or the daemon itself.
struct Actor {
  std::string name = kInternalActor;  // A user, "client:ID", "uid:N", or kInternalActor.
  std::optional<uid_t> uid = {};
  std::optional<gid_t> gid = {};
  std::optional<pid_t> pid = {};
  std::string unit = {};
  std::string program = {};
  std::string ip = {};  // Of callers over HTTP.

  bool operator==(const Actor&) const = default;
};

enum class HistoryKind : std::uint8_t { token, client };
inline constexpr std::array<std::string_view, 2> kHistoryKindNames = {"token", "client"};

enum class HistoryAction : std::uint8_t { create, edit, revoke, expire };
inline constexpr std::array<std::string_view, 4> kHistoryActionNames = {"create", "edit", "revoke",
                                                                        "expire"};

// Where an entry stands in the history. Both only grow: an entry is never older than the one before
// it, even if the clock was set back between them.
struct HistoryPlace {
  UnixTime time{};
  std::uint64_t number = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 sees a 0 in the operators made of it.
  auto operator<=>(const HistoryPlace&) const = default;
};

struct HistoryEntry {
  UnixTime time{};
  HistoryKind kind = HistoryKind::token;
  HistoryAction action = HistoryAction::create;
  Actor actor = {};
  AccessTokenInfo token = {};  // kind token: as it is after the change, or was at its end.
  std::string client = {};     // kind client: its id,
  std::string detail = {};     // and what was done to it, in words: "key rotated, overlap 60 s".
  // Of edits, where they changed.
  std::optional<std::string> old_name = {};
  std::optional<ScopeNames> old_scopes = {};
  std::optional<std::optional<UnixTime>> old_expires = {};  // Present and none: it was never.

  bool operator==(const HistoryEntry&) const = default;
};

constexpr std::string_view history_kind_name(HistoryKind kind) {
  return kHistoryKindNames[static_cast<std::size_t>(kind)];
}
constexpr std::string_view history_action_name(HistoryAction action) {
  return kHistoryActionNames[static_cast<std::size_t>(action)];
}
std::optional<HistoryKind> parse_history_kind(std::string_view name);
std::optional<HistoryAction> parse_history_action(std::string_view name);

}  // namespace tokman
