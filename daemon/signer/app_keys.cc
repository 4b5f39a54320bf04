#include "daemon/signer/app_keys.h"

namespace tokman {
namespace {

AppKey load_key(const std::string& location, const SecretReader& read_secret) {
  const Result<SecretBytes> pem = read_secret(location);
  if (!pem.ok()) return pem.error();
  Result<RsaKey> key = RsaKey::load(pem.value());
  if (!key.ok()) return within(location, key.error());
  return key;
}

}  // namespace

const RsaKey* SigningApp::first_usable_key() const {
  for (const AppKey& key : keys) {
    if (key.ok()) return &key.value();
  }
  return nullptr;
}

std::vector<SigningApp> load_signing_apps(const std::vector<AppConfig>& apps,
                                          const SecretReader& read_secret) {
  std::vector<SigningApp> loaded;
  for (const AppConfig& app : apps) {
    SigningApp& signing = loaded.emplace_back(SigningApp{app.name, app.issuer, {}});
    for (const std::string& location : app.private_keys) {
      signing.keys.push_back(load_key(location, read_secret));
    }
  }
  return loaded;
}

}  // namespace tokman
