#include "daemon/signer/key_sources.h"

#include "daemon/domain/config/secret_scheme.h"
#include "daemon/services/config/config_loader.h"
#include "daemon/services/secrets/local_secret.h"
#include "daemon/signer/fetcher_process.h"

namespace tokman {
namespace {

// Not valid if no place needs it.
Fd start_fetcher_if_needed(const std::string& config_file, Log& log) {
  const LoadedConfig loaded = load_config(config_file, ConfigReader::signer);
  if (!loaded.config || fetched_places(*loaded.config).empty()) return Fd();
  Result<Fd> fetcher = start_fetcher(config_file);
  if (fetcher.ok()) return std::move(fetcher).value();
  log.error("no fetcher", {{"error", fetcher.error().message}});
  return Fd();
}

}  // namespace

KeySources::KeySources(const Clock& clock, const std::string& config_file, Log& log)
    : fetched_(clock, start_fetcher_if_needed(config_file, log)) {}

Result<SecretBytes> KeySources::read(const std::string& location) {
  const auto place = parse_secret_place(location);
  if (place && is_fetched(place->scheme)) return fetched_.read(location);
  return read_local_secret(location);
}

}  // namespace tokman
