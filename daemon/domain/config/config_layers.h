#pragma once
// Several files and the chosen environment, laid over each other to one configuration.
//
// Tables merge key by key; of anything else the later one counts. [[app]] and [[grant]] are never
// replaced: those of a later file are added, those of an environment merge into the entry of the
// same name, or are added where there is none.
#include <string_view>
#include <vector>

#include "daemon/base/raw_config.h"

namespace tokman {

// The value of a key, or nullptr.
const RawValue* find_key(const RawTable& table, std::string_view key);

// What an [[app]] or [[grant]] is called; "" if it does not say.
std::string_view entry_name(const RawTable& entry);

// All files as one table, without `environments`. The environment is the one that `environment`
// names; it is a problem if there are some, but not that one.
// REQUIRES: each file is a RawTable.
RawTable lay_over(const std::vector<RawValue>& files, std::vector<ConfigProblem>& problems);

}  // namespace tokman
