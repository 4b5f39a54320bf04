#include "daemon/main/store_keys.h"

#include "daemon/services/secrets/secret_sources.h"

namespace tokman {

Result<Database::StoreKeys> read_store_keys(const Config& config) {
  Result<SecretBytes> key = read_secret(config.store.key, config.secrets);
  if (!key.ok()) return within("store.key", key.error());
  Database::StoreKeys keys{std::move(key).value()};
  for (const std::string& place : config.store.previous_keys) {
    Result<SecretBytes> previous = read_secret(place, config.secrets);
    if (!previous.ok()) return within("store.previous_keys", previous.error());
    keys.previous.push_back(std::move(previous).value());
  }
  return keys;
}

}  // namespace tokman
