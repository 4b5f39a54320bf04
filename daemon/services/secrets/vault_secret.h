#pragma once
// Reads a secret from HashiCorp Vault or OpenBao: "vault:MOUNT/PATH#field", of a KV store of
// version 2. The token is read anew each time, because an agent renews it.
#include <string>

#include "daemon/domain/config/config.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// `name` is the place's. REQUIRES: vault_address and vault_token are set.
Result<SecretBytes> read_vault_secret(const std::string& name, const SecretsConfig& config);

// The field in the body of Vault's answer.
Result<SecretBytes> parse_vault_answer(const SecretBytes& body, const std::string& field);

}  // namespace tokman
