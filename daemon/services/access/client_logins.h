#pragma once
// A client logs in: its id and key for a JWT.
//
//   find it -> hash the key -> compare -> sign a JWT -> store the login -> answer
//
// Whoever may not log in, for whatever reason, learns just that, after as much work as anybody
// else: an unknown client is hashed for like a known one. The client is looked at again in the
// transaction that stores its login: one that is deleted meanwhile gets none. What is out of date
// in how its key was hashed is made good on the way.
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/domain/limits/rate_bucket.h"
#include "daemon/services/access/client_keys.h"
#include "daemon/services/audit/audit_log.h"
#include "daemon/services/signer/signer.h"
#include "daemon/services/store/client_table.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

struct ClientCredentials {
  std::string id;
  SecretBytes key;
};

// Who presents them.
struct LoginPeer {
  uid_t uid = 0;
  std::string principal;
};

struct IssuedLogin {
  SecretBytes jwt;
  UnixTime expires_at{};
  ScopeNames scopes;
  std::map<std::string, std::int64_t> max_priority;
};

class ClientLogins {
 public:
  static constexpr std::int64_t kAliveMax = 1000;  // Of one client.
  static constexpr std::size_t kPeersMax = 4096;   // Whose logins are counted.

  struct World {  // REQUIRES: all outlive this object, and the writer's last callback.
    Database& database;
    StoreWriter& writer;
    ClientKeys& keys;
    Signer& signer;
    AuditLog& audit;
    Random& random;
    const Clock& clock;
    Timers& timers;
    std::function<std::int64_t()> per_minute;
  };

  explicit ClientLogins(World world);
  ClientLogins(const ClientLogins&) = delete;
  ClientLogins& operator=(const ClientLogins&) = delete;

  // TOKMAN_E_UNAUTHENTICATED; TOKMAN_E_BUSY and TOKMAN_E_RATE_LIMITED before anything is hashed.
  using OnIssued = std::function<void(Result<IssuedLogin>)>;
  [[nodiscard]] OperationPtr log_in(const LoginPeer& peer, ClientCredentials credentials,
                                    OnIssued callback);

 private:
  class Login;

  Result<Done> admit(uid_t uid);
  Result<std::optional<Client>> find(const std::string& id);

  World world_;
  ClientTable table_;
  KeyStretch decoy_;  // For clients that there are not.
  std::map<uid_t, RateBucket> peers_;
};

}  // namespace tokman
