#pragma once
// The folder in which systemd hands the daemon its secrets (LoadCredential=):
// $CREDENTIALS_DIRECTORY.
#include <string>
#include <string_view>

#include "daemon/platform/systemd/environment.h"
#include "libtokman/base/result.h"

namespace tokman {

class CredentialFolder {
 public:
  explicit CredentialFolder(const Environment& environment)
      : folder_(environment.get("CREDENTIALS_DIRECTORY").value_or("")) {}

  // Where the credential of that name is, if there is one. A name that would lead out of the folder
  // is refused.
  Result<std::string> path_of(std::string_view name) const;

 private:
  std::string folder_;  // "" if systemd gave none.
};

}  // namespace tokman
