#pragma once
// What somebody wants of a client: the part of its record that is to be another.
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/domain/access/client.h"

namespace tokman {

// What is absent stays as it is; a map or list that is there replaces the whole of the former one.
struct ClientChange {
  std::optional<std::string> owner = {};
  std::optional<std::string> description = {};
  std::optional<ScopeNames> scopes = {};
  std::optional<std::map<std::string, std::int64_t>> max_priority = {};
  std::optional<std::vector<uid_t>> bind_uids = {};
  std::optional<std::optional<UnixTime>> expires = {};  // Present and none: never.
  std::optional<bool> is_disabled = {};

  void apply_to(Client& client) const;
};

// "scopes: a b (was a); disabled: yes"; keys are not among it. "" if nothing differs.
std::string describe_change(const Client& before, const Client& after);

}  // namespace tokman
