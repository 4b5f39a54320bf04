#pragma once
// What goes to the terminal: tables and lists for people, JSON for programs, errors with advice.
//
// Text from elsewhere (GitHub, the daemon) is shown without control characters, so that it cannot
// drive the terminal.
#include <string>
#include <string_view>
#include <vector>

#include "libtokman/base/result.h"
#include "libtokman/json/value.h"
#include "tools/tokman/options.h"

namespace tokman {

using Names = std::vector<std::string_view>;

// Prints one line as it is.
Result<int> print_line(std::string_view line);
Result<int> print_json(const json::Value& value);

// A line for each of these members of an object; those without a value are left out.
Result<int> print_facts(const json::Value& object, const Names& members);
// The same on stderr, beside a secret that goes alone to stdout.
void note_facts(const json::Value& object, const Names& members);

// A table: a row for each object of a list, a column for each of these members.
Result<int> print_table(const Names& titles, const json::Value& list, const Names& members);
// The same after an empty line; nothing for an empty list.
Result<int> print_section(const Names& titles, const json::Value& list, const Names& members);

// A member as people write it: "a, b" for a list, "contents=read" for an object, a time as
// "2026-01-31 12:00:00 UTC", with "(in 3 h)" where it is an end, "" for none.
std::string shown_member(const json::Value& object, std::string_view name);

// Says on stderr what went wrong and what to do next; gives the exit status.
int report(const Error& error, const Options& options);

}  // namespace tokman
