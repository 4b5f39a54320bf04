#pragma once
// Judges what callers present in `auth`, an access token or a client's JWT: whom it stands for.
//
//   access token -> alive? -> the ids and groups of its user -> that user, within its scopes
//   JWT          -> good?  -> may this uid present it?       -> that client, within its login
//
// Who presents a bad one is refused, whatever it would have had without it. A user's groups and the
// signature of a JWT that was not seen before take time: they are waited for in prepare().
#include <functional>
#include <optional>

#include "daemon/base/ports.h"
#include "daemon/services/access/access_tokens.h"
#include "daemon/services/access/client_jwts.h"
#include "daemon/services/access/credential_epoch.h"
#include "daemon/services/callers/caller_directory.h"
#include "libtokman/base/secret_bytes.h"

namespace tokman {

class Credentials {
 public:
  struct World {  // REQUIRES: all outlive this object.
    const AccessTokens& tokens;
    ClientJwts& jwts;
    CallerDirectory& callers;
    const CredentialEpoch& epoch;
    const Clock& clock;
  };

  explicit Credentials(const World& world) : world_(world) {}

  // Whom `auth` stands for when this peer presents it; none if it has to be prepared first.
  // UNAUTHENTICATED, TOKEN_EXPIRED, …: it is not good. DENIED: not from this uid.
  std::optional<Result<Caller>> judge(const SecretBytes& auth, const Caller& peer) const;

  // Then judge() has an answer, unless there is an error.
  [[nodiscard]] OperationPtr prepare(const SecretBytes& auth,
                                     std::function<void(const Result<Done>&)> callback) const;

  // What `before` has become since it was judged by the same `auth`. Needs no preparation.
  Result<Caller> judge_again(const SecretBytes& auth, const Caller& before,
                             const Caller& peer) const;

  // Whether judging again would say the same. A peer is always itself.
  bool still_holds(const Caller& caller) const;

 private:
  Result<AccessTokenInfo> read_token(const SecretBytes& auth) const;
  Caller make_user(const AccessTokenInfo& token, const PeerFacts& user, const Caller& peer) const;
  Result<Caller> make_client(const ClientLogin& login, const Caller& peer) const;
  Caller::Validity until(std::optional<UnixTime> expires) const;

  World world_;
};

}  // namespace tokman
