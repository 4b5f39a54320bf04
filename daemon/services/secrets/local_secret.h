#pragma once
// Reads a secret that is on this host: "file:/path", "env:NAME", "credential:NAME".
//
// At most 64 KiB, and not empty; the bytes are exactly those of the place, also a newline at the
// end. The messages name the place, never what is in it.
#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

inline constexpr std::size_t kSecretBytesMax = 64 * 1024;

// TOKMAN_E_CONFIGURATION for a location of no such form; TOKMAN_E_SECRET_UNAVAILABLE if there is
// nothing, it cannot be read, or others could read it too. A credential is looked for in
// $CREDENTIALS_DIRECTORY, where systemd has put it.
Result<SecretBytes> read_local_secret(std::string_view location);

// What is wrong with a secret's file that has these permissions: the world may not read it, and
// only its owner may write to it. None if nothing is.
std::optional<std::string> find_exposure(mode_t permissions);

}  // namespace tokman
