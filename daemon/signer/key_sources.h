#pragma once
// Where the signer's secrets come from: this host's files, the fetcher, or a PKCS#11 token.
//
// What needs more than the sandbox allows is started by the constructor, if the configuration has a
// place that needs it: so make this before the sandbox shuts. A place of that kind that is new in a
// later configuration cannot be used until the signer is started again, and its error says so.
#include <optional>
#include <string>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/config/config.h"
#include "daemon/platform/crypto/pkcs11_module.h"
#include "daemon/platform/linux/sandbox.h"
#include "daemon/services/secrets/fetched_secrets.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class KeySources {
 public:
  // What cannot be started is logged; the other places still serve. REQUIRES: clock outlives this.
  KeySources(const Clock& clock, const std::string& config_file, Log& log);

  // To be called with each configuration, before what it names is read.
  void begin(const Config& config) { fetched_.begin(config); }

  Result<SecretBytes> read(const std::string& location);

  // "pkcs11:ATTRIBUTES[?pin-source=file:/path]"
  Result<RsaKey> open_token_key(const std::string& uri) const;
  // Whether one is loaded, for which the sandbox has to be wider.
  TokenModule token_module() const { return module_ ? TokenModule::yes : TokenModule::no; }

 private:
  void load_token_module(const std::string& path, Log& log);

  std::optional<Pkcs11Module> module_;
  FetchedSecrets fetched_;
};

}  // namespace tokman
