#pragma once
// Secrets that the command is given: in files, never on the command line, where `ps` shows them.
#include <string>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// What the file holds, or standard input for "-", without the line end. A file that everybody may
// read is refused, and one that holds nothing.
Result<SecretBytes> read_secret(const std::string& path);

}  // namespace tokman
