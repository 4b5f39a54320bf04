#pragma once
// Judges the JWTs that clients show.
//
// A JWT is good if a key of the signer's signed it, its time is not over, and its login is still in
// the store: so it ends at once when the login is revoked, or the client disabled or deleted. The
// signature is checked off the loop, once; what was found is remembered by the JWT's SHA-256. What
// the client may do is what its record says now, within the scopes that the JWT has.
#include <sys/types.h>

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/access/jwt_claims.h"
#include "daemon/services/access/access_jwt.h"
#include "daemon/services/access/credential_epoch.h"
#include "daemon/services/access/verification_keys.h"
#include "daemon/services/operations/live_config.h"
#include "daemon/services/store/client_table.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

// Who a good JWT is of.
struct ClientLogin {
  std::string client_id;
  std::string jti;
  ScopeNames scopes;
  std::map<std::string, std::int64_t> max_priority;
  std::vector<uid_t> bind_uids;
  UnixTime expires_at{};  // From then on it is refused.
};

class ClientJwts {
 public:
  static constexpr std::size_t kKnownMax = 2048;

  struct World {
    Database& database;
    VerificationKeys& keys;
    const CredentialEpoch& epoch;
    const LiveConfig& live;
    Background& background;
    const Clock& clock;
    Timers& timers;
  };

  // REQUIRES: all of the world outlives this object.
  explicit ClientJwts(const World& world) : world_(world), clients_(world.database) {}
  ClientJwts(const ClientJwts&) = delete;
  ClientJwts& operator=(const ClientJwts&) = delete;

  // TOKMAN_E_UNAUTHENTICATED, TOKMAN_E_TOKEN_EXPIRED, TOKMAN_E_TOKEN_NOT_YET_VALID; or why it
  // cannot be said now.
  using OnJudged = std::function<void(Result<ClientLogin>)>;
  [[nodiscard]] OperationPtr verify(const SecretBytes& jwt, OnJudged callback);

  // The same at once, for one that was verified before; none for others.
  std::optional<Result<ClientLogin>> find(const SecretBytes& jwt);

 private:
  class Verification;

  // A JWT that was really signed.
  struct Known {
    JwtClaims claims;
    std::optional<ClientLogin> login = {};  // As of `epoch`.
    std::uint64_t epoch = 0;
  };

  Known& remember(const std::string& digest, JwtClaims claims);
  Result<ClientLogin> judge(Known& known);
  Result<ClientLogin> read_login(const JwtClaims& claims);

  World world_;
  ClientTable clients_;
  std::map<std::string, Known> known_;  // By SHA-256 of the JWT.
  std::deque<std::string> order_;       // Of known_, the oldest first.
};

}  // namespace tokman
