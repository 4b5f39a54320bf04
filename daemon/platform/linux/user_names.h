#pragma once
// The names of users and groups, from the system's name service.
//
// That may ask a directory server: it blocks for as long as it likes. Call it off the loop.
#include <sys/types.h>

#include <optional>
#include <string>

namespace tokman {

std::optional<std::string> find_user_name(uid_t uid);
std::optional<std::string> find_group_name(gid_t gid);
std::optional<uid_t> find_uid(const std::string& user_name);
std::optional<gid_t> find_gid(const std::string& group_name);

}  // namespace tokman
