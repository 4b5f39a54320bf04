#pragma once
// Reads a secret from wherever the configuration says it is.
#include <string_view>

#include "daemon/domain/config/config.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// Waits: for a file, a program or the network, `config.timeout` for each answer at most. The secret
// has 64 KiB at most and is not empty. Errors (TOKMAN_E_SECRET_UNAVAILABLE; TOKMAN_E_CONFIGURATION
// if this is no place of a secret) name the place, and never what is in it.
Result<SecretBytes> read_secret(std::string_view location, const SecretsConfig& config);

}  // namespace tokman
