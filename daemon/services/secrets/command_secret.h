#pragma once
// Reads a secret from what a program writes: "command:/usr/bin/op read op://vault/item".
//
// The words are split at spaces and nothing else: no shell, no quotes. The program sees PATH, HOME,
// LANG, CREDENTIALS_DIRECTORY and the variables of secrets.command_environment.
#include <string>

#include "daemon/domain/config/config.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// `command` is the place's name. One line end at the end is not part of the secret.
Result<SecretBytes> read_command_secret(const std::string& command, const SecretsConfig& config);

}  // namespace tokman
