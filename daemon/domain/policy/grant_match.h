#pragma once
// Whether a grant is for a subject, and if not, which condition of its `match` failed.
//
// A client is matched by `client` and nothing else; a grant with `client` is never for anybody who
// is none. Unit and program never decide alone.
#include <cstddef>
#include <string_view>

#include "daemon/domain/policy/grant.h"
#include "daemon/domain/policy/subject.h"

namespace tokman {

bool matches(const GrantMatch& match, const Subject& subject);

// The number of conditions that hold, in their order, before the first that fails.
std::size_t caller_checks_passed(const GrantMatch& match, const Subject& subject);

// The one after so many, in words; "" if that is all of them.
std::string_view failed_caller_check(std::size_t passed);

}  // namespace tokman
