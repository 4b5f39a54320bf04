#pragma once
// One page of the list of an app's installations, and the way to the next.
//
// https://docs.github.com/en/rest/apps/apps#list-installations-for-the-authenticated-app
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/github/installation_changes.h"

namespace tokman {

struct InstallationPage {
  std::vector<ListedInstallation> installations;
  std::string next;  // The path of the next page; "" if this is the last.
};

// Of the first page: of all installations, or of those that changed after `since`.
std::string installation_list_path(std::optional<UnixTime> since);

// A link that leads away from api_base is not followed: the app's JWT would go there.
Result<InstallationPage> parse_installation_page(const HttpResponse& answer,
                                                 std::string_view api_base);

}  // namespace tokman
