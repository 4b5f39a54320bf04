#pragma once
// Small files read whole, with what is needed to trust them.
#include <sys/types.h>

#include <string>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

struct FileContent {
  SecretBytes bytes;
  uid_t owner = 0;
  gid_t group = 0;
  mode_t permissions = 0;  // The lower twelve bits of the mode.
};

// Owner and permissions are those of the very file that was read. Links are followed: secrets are
// often mounted that way. Anything but a regular file is an error, and so is one that is longer
// than bytes_max. TOKMAN_E_NOT_FOUND if there is no such file.
Result<FileContent> read_file(const std::string& path, std::size_t bytes_max);

}  // namespace tokman
