#include "daemon/platform/systemd/credential_folder.h"

namespace tokman {

Result<std::string> CredentialFolder::path_of(std::string_view name) const {
  const std::string about = "credential '" + std::string(name) + "'";
  if (name.empty() || name == "." || name == ".." ||
      name.find_first_of(std::string_view("/\0", 2)) != std::string_view::npos) {
    return Error{TOKMAN_E_CONFIGURATION, about + ": this cannot be the name of a credential"};
  }
  if (folder_.empty()) {
    return Error{TOKMAN_E_CONFIGURATION,
                 about + ": systemd gave this process no credentials (LoadCredential=)"};
  }
  return folder_ + "/" + std::string(name);
}

}  // namespace tokman
