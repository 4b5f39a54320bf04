#pragma once
// The names, ids and groups of users, from the system's name service.
//
// That may ask a directory server: it blocks for as long as it likes. Call it off the loop.
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace tokman {

std::optional<std::string> find_user_name(uid_t uid);
std::optional<std::string> find_group_name(gid_t gid);
std::optional<uid_t> find_uid(const std::string& user_name);

// What a process of this user has when it logs in.
struct UserAccount {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // Sorted; with gid.
};
std::optional<UserAccount> find_user_account(const std::string& user_name);
std::optional<gid_t> find_gid(const std::string& group_name);

}  // namespace tokman
