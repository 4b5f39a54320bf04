#pragma once
// The process that holds the private keys, as the rest of the daemon sees it.
//
// It is asked for the JWT of an app or of a client and builds the claims itself, or whether GitHub
// signed a webhook; nothing else can be had from it. All calls are asynchronous in the sense of
// daemon/base/ports.h. While it cannot be reached they fail with TOKMAN_E_SECRET_UNAVAILABLE, which
// the caller may retry.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/policy/scope.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// Which of an app's two names stands in its JWT. Old servers take the app id only.
enum class Issuer : std::uint8_t { preferred, app_id };

struct JwtOrder {
  std::string app;
  std::chrono::seconds clock_offset{};  // GitHub's clock minus this machine's.
  std::string key_fingerprint = {};     // "": the first key that can be used.
  Issuer issuer = Issuer::preferred;    // The client id, if it has one.
};

// With TOKMAN_E_NOT_FOUND: the signer has no key of the fingerprint that was asked for.
inline constexpr const char* kKeyField = "key_fingerprint";

struct AppJwt {
  SecretBytes jwt;
  UnixTime expires_at;
  std::string key_fingerprint;  // "SHA256:…", as GitHub's settings page shows it.
};

// One of an app's keys. With an error and a fingerprint its place cannot be read now, and the key
// that it last held is used.
struct SigningKeyStatus {
  std::string fingerprint;  // "" if it cannot be used.
  std::string error;
  bool is_replaced = false;  // No place holds it any more; it is kept until drop_replaced_keys().
};

struct SigningAppStatus {
  std::string name;
  std::vector<SigningKeyStatus> keys;  // In the order of the configuration, then replaced ones.
};

struct WebhookVerdict {
  bool is_valid = false;
  std::optional<int> secret_index;  // Which of the app's webhook_secrets signed it.
};

// Whom a JWT of a client is for, and what it says of it.
struct AccessJwtOrder {
  std::string client_id;
  std::string jti;
  ScopeNames scopes;
  std::map<std::string, std::int64_t> max_priority;
};

struct SignedAccessJwt {
  SecretBytes jwt;
  UnixTime expires_at;
};

// The public half of a key that signs them.
struct VerificationKey {
  std::string kid;
  std::string bytes;
};

class Signer {
 public:
  virtual ~Signer() = default;

  [[nodiscard]] virtual OperationPtr sign_app_jwt(const JwtOrder& order,
                                                  std::function<void(Result<AppJwt>)> callback) = 0;

  // Whether `signature`, "sha256=…" as GitHub sends it, was made of the whole of `body` with one of
  // the app's webhook secrets. `body` is a memfd or another regular file, of 25 MiB at most.
  using OnVerdict = std::function<void(Result<WebhookVerdict>)>;
  [[nodiscard]] virtual OperationPtr verify_webhook(const std::string& app,
                                                    const std::string& signature, Fd body,
                                                    OnVerdict callback) = 0;

  [[nodiscard]] virtual OperationPtr sign_access_jwt(
      const AccessJwtOrder& order, std::function<void(Result<SignedAccessJwt>)> callback) = 0;

  // The one that signs now, and those whose JWTs may still live.
  using OnVerificationKeys = std::function<void(Result<std::vector<VerificationKey>>)>;
  [[nodiscard]] virtual OperationPtr verification_keys(OnVerificationKeys callback) = 0;

  // Reads configuration and keys again. A configuration with errors changes nothing there.
  [[nodiscard]] virtual OperationPtr reload(std::function<void(Result<Done>)> callback) = 0;

  // Reads keys and secrets again from the places it knows, and says what it has then. What cannot
  // be read keeps its last good value; a key that was replaced can still sign.
  using OnStatus = std::function<void(Result<std::vector<SigningAppStatus>>)>;
  [[nodiscard]] virtual OperationPtr refresh(OnStatus callback) = 0;

  // The app's replaced keys are not needed any more.
  [[nodiscard]] virtual OperationPtr drop_replaced_keys(
      const std::string& app, std::function<void(Result<Done>)> callback) = 0;

  // What refresh() says, without reading anything.
  [[nodiscard]] virtual OperationPtr status(OnStatus callback) = 0;
};

}  // namespace tokman
