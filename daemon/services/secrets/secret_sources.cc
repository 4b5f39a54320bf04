#include "daemon/services/secrets/secret_sources.h"

#include "daemon/domain/config/secret_scheme.h"
#include "daemon/services/secrets/aws_secret.h"
#include "daemon/services/secrets/command_secret.h"
#include "daemon/services/secrets/local_secret.h"
#include "daemon/services/secrets/vault_secret.h"

namespace tokman {
namespace {

Result<SecretBytes> fetch(const SecretPlace& place, const SecretsConfig& config) {
  switch (place.scheme) {
    case SecretScheme::command:
      return read_command_secret(place.name, config);
    case SecretScheme::aws:
      return read_aws_secret(place.name, config);
    case SecretScheme::vault:
      return read_vault_secret(place.name, config);
    default:
      return Error{TOKMAN_E_INTERNAL, "a scheme of secrets without a reader"};
  }
}

Result<Done> check_size(const SecretBytes& secret) {
  if (secret.empty()) return Error{TOKMAN_E_SECRET_UNAVAILABLE, "is empty"};
  if (secret.size() <= kSecretBytesMax) return Done{};
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, "is longer than 64 KiB"};
}

}  // namespace

Result<SecretBytes> read_secret(std::string_view location, const SecretsConfig& config) {
  const auto place = parse_secret_place(location);
  if (!place || !is_fetched(place->scheme)) return read_local_secret(location);
  Result<SecretBytes> secret = fetch(*place, config);
  const Result<Done> checked = secret.ok() ? check_size(secret.value()) : secret.error();
  if (checked.ok()) return secret;
  Error error = within(location, checked.error());
  error.code = TOKMAN_E_SECRET_UNAVAILABLE;
  return error;
}

}  // namespace tokman
