#include "daemon/domain/policy/grant_match.h"

#include <algorithm>

#include "libtokman/base/text.h"

namespace tokman {
namespace {

template <class Values, class Fits>
bool any_if_given(const Values& values, Fits fits) {
  return values.empty() || std::any_of(values.begin(), values.end(), fits);
}

template <class Values, class Value>
bool contains(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// A client needs no account, and a token is good in whatever hands it is.
bool is_somebody(const GrantMatch&, const Subject& subject) {
  if (subject.is_client()) return true;
  const bool is_mapped = subject.kind == Subject::Kind::user || subject.facts.pid != 0;
  return is_mapped && subject.facts.uid != kOverflowId;
}

bool client_fits(const GrantMatch& match, const Subject& subject) {
  if (!subject.is_client()) return match.clients.empty();
  return contains(match.clients, subject.client);
}

bool names_identity(const GrantMatch& match, const Subject& subject) {
  if (subject.is_client()) return true;
  return !match.users.empty() || !match.uids.empty() || !match.groups.empty() ||
         !match.gids.empty();
}

bool user_fits(const GrantMatch& match, const Subject& subject) {
  return any_if_given(match.users, [&](const std::string& user) {
    return subject.facts.uid != kOverflowId && subject.facts.user == user;
  });
}

bool uid_fits(const GrantMatch& match, const Subject& subject) {
  return any_if_given(match.uids, [&](uid_t uid) { return subject.facts.uid == uid; });
}

bool group_fits(const GrantMatch& match, const Subject& subject) {
  return any_if_given(match.groups, [&](const std::string& group) {
    return contains(subject.facts.group_names, group);
  });
}

bool gid_fits(const GrantMatch& match, const Subject& subject) {
  return any_if_given(match.gids, [&](gid_t gid) {
    return gid != kOverflowId && (subject.facts.gid == gid || contains(subject.facts.groups, gid));
  });
}

bool unit_fits(const GrantMatch& match, const Subject& subject) {
  return any_if_given(match.units, [&](const std::string& pattern) {
    return subject.facts.unit && glob_matches(pattern, *subject.facts.unit, '/');
  });
}

bool program_fits(const GrantMatch& match, const Subject& subject) {
  return any_if_given(match.programs, [&](const std::string& pattern) {
    return subject.facts.program && glob_matches(pattern, *subject.facts.program, '/');
  });
}

// To add a condition: a member of GrantMatch, a row here, and a row in settings.h.
struct CallerCheck {
  bool (*passes)(const GrantMatch&, const Subject&);
  std::string_view failed;
};
constexpr CallerCheck kCallerChecks[] = {
    {is_somebody, "the caller is nobody (uid 65534 or pid 0)"},
    {client_fits, "it is for other callers: a client is matched by 'client' only, others never"},
    {names_identity, "it names no user, uid, group or gid"},
    {user_fits, "the caller is another user"},
    {uid_fits, "the caller has another uid"},
    {group_fits, "the caller is in none of its groups"},
    {gid_fits, "the caller has none of its gids"},
    {unit_fits, "the caller is not in its unit"},
    {program_fits, "the caller is another program"},
};

}  // namespace

std::size_t caller_checks_passed(const GrantMatch& match, const Subject& subject) {
  const auto failed =
      std::find_if(std::begin(kCallerChecks), std::end(kCallerChecks),
                   [&](const CallerCheck& check) { return !check.passes(match, subject); });
  return static_cast<std::size_t>(failed - std::begin(kCallerChecks));
}

std::string_view failed_caller_check(std::size_t passed) {
  return passed < std::size(kCallerChecks) ? kCallerChecks[passed].failed : "";
}

bool matches(const GrantMatch& match, const Subject& subject) {
  return caller_checks_passed(match, subject) == std::size(kCallerChecks);
}

}  // namespace tokman
