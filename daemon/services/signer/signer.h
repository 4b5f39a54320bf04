#pragma once
// The process that holds the private keys, as the rest of the daemon sees it.
//
// It is asked for an app's JWT and builds the claims itself; nothing else can be had from it. All
// three calls are asynchronous in the sense of daemon/base/ports.h. While it cannot be reached
// they fail with TOKMAN_E_SECRET_UNAVAILABLE, which the caller may retry.
#include <functional>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

struct AppJwt {
  SecretBytes jwt;
  UnixTime expires_at;
  std::string key_fingerprint;  // "SHA256:…", as GitHub's settings page shows it.
};

// One of an app's keys: its fingerprint, or why it cannot be used.
struct SigningKeyStatus {
  std::string fingerprint;
  std::string error;
};

struct SigningAppStatus {
  std::string name;
  std::vector<SigningKeyStatus> keys;  // In the order of the configuration.
};

class Signer {
 public:
  virtual ~Signer() = default;

  [[nodiscard]] virtual OperationPtr sign_app_jwt(const std::string& app,
                                                  std::function<void(Result<AppJwt>)> callback) = 0;

  // Reads configuration and keys again. A configuration with errors changes nothing there.
  [[nodiscard]] virtual OperationPtr reload(std::function<void(Result<Done>)> callback) = 0;

  [[nodiscard]] virtual OperationPtr status(
      std::function<void(Result<std::vector<SigningAppStatus>>)> callback) = 0;
};

}  // namespace tokman
