#pragma once
// The apps of the configuration with their private keys in memory.
//
// A key that cannot be used is kept as the reason why, so that an app with one good key works and
// the bad one is still seen.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/domain/config/config.h"
#include "daemon/platform/crypto/rsa_key.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

using AppKey = Result<RsaKey>;

struct SigningApp {
  std::string name;
  std::string issuer;
  std::vector<AppKey> keys;  // In the order of the configuration.

  // The one that signs; nullptr if none can.
  const RsaKey* first_usable_key() const;
};

// Reads what a location such as "file:/etc/tokman/ci.pem" leads to.
using SecretReader = std::function<Result<SecretBytes>(const std::string& location)>;

std::vector<SigningApp> load_signing_apps(const std::vector<AppConfig>& apps,
                                          const SecretReader& read_secret);

}  // namespace tokman
