#include "daemon/platform/linux/user_names.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <vector>

namespace tokman {
namespace {

constexpr std::size_t kRecordBytesMax = 1024 * 1024;  // A group of very many members.
constexpr int kGroupsAtFirst = 64;
constexpr int kGroupsMax = 65536;  // Linux allows no process more.

// Calls ask(&record, buffer, size, &found) with more room until the record fits.
template <class Record, class Ask, class Take>
auto find_record(Ask ask, Take take) -> std::optional<decltype(take(Record{}))> {
  for (std::size_t size = 1024; size <= kRecordBytesMax; size *= 4) {
    std::vector<char> buffer(size);
    Record record{};
    Record* found = nullptr;
    const int error_number = ask(&record, buffer.data(), buffer.size(), &found);
    if (error_number == ERANGE) continue;
    if (error_number != 0 || found == nullptr) return std::nullopt;
    return take(record);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_user_name(uid_t uid) {
  return find_record<passwd>([uid](auto... room) { return ::getpwuid_r(uid, room...); },
                             [](const passwd& record) { return std::string(record.pw_name); });
}

std::optional<std::string> find_group_name(gid_t gid) {
  return find_record<group>([gid](auto... room) { return ::getgrgid_r(gid, room...); },
                            [](const group& record) { return std::string(record.gr_name); });
}

std::optional<uid_t> find_uid(const std::string& user_name) {
  return find_record<passwd>(
      [&user_name](auto... room) { return ::getpwnam_r(user_name.c_str(), room...); },
      [](const passwd& record) { return record.pw_uid; });
}

std::optional<UserAccount> find_user_account(const std::string& user_name) {
  std::optional<UserAccount> account = find_record<passwd>(
      [&user_name](auto... room) { return ::getpwnam_r(user_name.c_str(), room...); },
      [](const passwd& record) {
        return UserAccount{record.pw_uid, record.pw_gid, {}};
      });
  if (!account) return std::nullopt;
  for (int count = kGroupsAtFirst; count <= kGroupsMax; count *= 4) {
    int found = count;
    account->groups.resize(static_cast<std::size_t>(count));
    if (::getgrouplist(user_name.c_str(), account->gid, account->groups.data(), &found) < 0) {
      continue;
    }
    account->groups.resize(static_cast<std::size_t>(found));
    std::sort(account->groups.begin(), account->groups.end());
    return account;
  }
  return std::nullopt;
}

std::optional<gid_t> find_gid(const std::string& group_name) {
  return find_record<group>(
      [&group_name](auto... room) { return ::getgrnam_r(group_name.c_str(), room...); },
      [](const group& record) { return record.gr_gid; });
}

}  // namespace tokman
