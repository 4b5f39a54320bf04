#include "daemon/signer/key_sources.h"

#include <algorithm>

#include "daemon/domain/config/secret_scheme.h"
#include "daemon/services/config/config_loader.h"
#include "daemon/services/secrets/local_secret.h"
#include "daemon/signer/fetcher_process.h"
#include "libtokman/base/text.h"

namespace tokman {
namespace {

constexpr std::string_view kPinSource = "?pin-source=";

bool has_token_keys(const Config& config) {
  return std::any_of(config.apps.begin(), config.apps.end(), [](const AppConfig& app) {
    return std::any_of(app.private_keys.begin(), app.private_keys.end(),
                       [](const std::string& key) { return key.starts_with("pkcs11:"); });
  });
}

// Not valid if it cannot be started.
Fd start_fetcher_or_log(const std::string& config_file, Log& log) {
  Result<Fd> fetcher = start_fetcher(config_file);
  if (fetcher.ok()) return std::move(fetcher).value();
  log.error("no fetcher", {{"error", fetcher.error().message}});
  return Fd();
}

// Without the line end that editors and `echo` leave.
Result<SecretBytes> read_pin(const std::string& uri) {
  const std::size_t source = uri.find(kPinSource);
  if (source == std::string::npos) return SecretBytes();
  const Result<SecretBytes> pin = read_local_secret(uri.substr(source + kPinSource.size()));
  if (!pin.ok()) return pin.error();
  return SecretBytes(trim(pin.value().reveal()));
}

}  // namespace

KeySources::KeySources(const Clock& clock, const std::string& config_file, Log& log)
    : fetched_(clock) {
  const LoadedConfig loaded = load_config(config_file, ConfigReader::signer);
  if (!loaded.config) return;  // Reading the apps will fail, too, and say why.
  if (!fetched_places(*loaded.config).empty()) {
    fetched_.use(start_fetcher_or_log(config_file, log));
  }
  if (has_token_keys(*loaded.config)) load_token_module(loaded.config->secrets.pkcs11_module, log);
}

void KeySources::load_token_module(const std::string& path, Log& log) {
  Result<Pkcs11Module> module = Pkcs11Module::load(path);
  if (module.ok()) {
    module_ = std::move(module).value();
  } else {
    log.error("no PKCS#11 module", {{"error", module.error().message}});
  }
}

Result<SecretBytes> KeySources::read(const std::string& location) {
  const auto place = parse_secret_place(location);
  if (place && is_fetched(place->scheme)) return fetched_.read(location);
  return read_local_secret(location);
}

Result<RsaKey> KeySources::open_token_key(const std::string& uri) const {
  if (!module_) {
    return Error{TOKMAN_E_SECRET_UNAVAILABLE,
                 uri + ": no PKCS#11 module is loaded; tokman-signer does that when it starts"};
  }
  const Result<SecretBytes> pin = read_pin(uri);
  if (!pin.ok()) return within(uri, pin.error());
  Result<RsaKey> key = module_->open(uri.substr(0, uri.find('?')), pin.value());
  if (!key.ok()) return within(uri, key.error());
  return key;
}

}  // namespace tokman
