#pragma once
// One row of [organizations]: an owner this host serves, and what is fixed for it.
#include <cstdint>
#include <map>
#include <string>

namespace tokman {

struct Organization {
  std::string app;                   // Used where a caller names none; "": whichever covers it.
  std::int64_t installation_id = 0;  // Of that app; 0: GitHub is asked.

  bool operator==(const Organization&) const = default;
};

// By owner in lower case. None at all means that every owner is served.
using Organizations = std::map<std::string, Organization>;

}  // namespace tokman
