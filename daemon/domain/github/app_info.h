#pragma once
// What GitHub says of an app: GET /app.
//
// https://docs.github.com/en/rest/apps/apps#get-the-authenticated-app
#include <cstdint>
#include <string>

#include "daemon/domain/github/permissions.h"

namespace tokman {

struct AppInfo {
  std::int64_t id = 0;
  std::string slug;
  std::string client_id;  // "" on servers that do not tell.
  std::string owner;
  Permissions permissions;  // Those it asks for; an installation may not have accepted all.
  std::int64_t installations = 0;
};

}  // namespace tokman
