#pragma once
// One line of the history: who changed which credential, how, and from where.
//
// Written in the transaction of the change, never altered, and kept when its subject is gone. What
// an edit changed is there twice: the new value among the facts, the former one in `old_…`.
#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

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
enum class HistoryAction : std::uint8_t { create, edit, revoke, expire };

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

}  // namespace tokman
