#pragma once
// Clients: made, changed, looked at and ended by those who may.
//
// Each change is decided within the transaction that makes it, with its history and the end of what
// it ends; it is answered when that is on disk. Nobody gives a client a scope that it does not hold
// itself, nor changes a client that has one: what it has it could take over.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/base/ports.h"
#include "daemon/domain/access/access_caller.h"
#include "daemon/domain/access/client_change.h"
#include "daemon/services/access/client_keys.h"
#include "daemon/services/access/credential_epoch.h"
#include "daemon/services/audit/audit_log.h"
#include "daemon/services/store/client_table.h"
#include "daemon/services/store/history_table.h"
#include "daemon/services/store/store_writer.h"

namespace tokman {

// What key a client is to have.
struct WantedKey {
  bool is_generated = false;
  std::optional<SecretBytes> given = {};

  bool is_wanted() const { return is_generated || given; }
};

struct ChangedClient {
  bool is_created = false;
  std::int64_t version = 0;
  std::int64_t ended = 0;  // Logins.
  SecretBytes key;         // That was generated; it is not to be had again.
};

struct ListedClient {
  Client client;
  std::int64_t logins = 0;  // That are alive.
};

class Clients {
 public:
  static constexpr std::int64_t kPageDefault = 100;
  static constexpr std::int64_t kPageMax = 1000;

  struct World {  // REQUIRES: all outlive this object, and the writer's last callback.
    Database& database;
    StoreWriter& writer;
    CredentialEpoch& epoch;
    ClientKeys& keys;
    AuditLog& audit;
    const Clock& clock;
    Timers& timers;
    std::function<ScopeNames()> known_scopes;
  };

  explicit Clients(World world);
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // Which client, and of which version it must be: 0 is one that there is not.
  struct Target {
    std::string id;
    std::optional<std::int64_t> if_version = {};
  };
  using OnChanged = std::function<void(Result<ChangedClient>)>;

  // Makes it, or changes it. A new key ends the logins made with the former one.
  [[nodiscard]] OperationPtr put(const AccessCaller& caller, const Target& target,
                                 const ClientChange& change, WantedKey key, OnChanged callback);
  // The former key stays good for `overlap`; without one its logins end.
  [[nodiscard]] OperationPtr rotate_key(const AccessCaller& caller, const Target& target,
                                        WantedKey key, std::chrono::seconds overlap,
                                        OnChanged callback);
  [[nodiscard]] OperationPtr disable(const AccessCaller& caller, const Target& target,
                                     OnChanged callback);
  [[nodiscard]] OperationPtr remove(const AccessCaller& caller, const Target& target,
                                    OnChanged callback);
  // Without `jti` all of them.
  [[nodiscard]] OperationPtr revoke_logins(const AccessCaller& caller, const std::string& id,
                                           const std::optional<std::string>& jti,
                                           OnChanged callback);

  Result<ListedClient> get(const AccessCaller& caller, const std::string& id) const;

  // Those behind `cursor`, in the order of their ids; one that cannot be read is left out.
  struct Page {
    std::vector<Client> clients;
    std::string next;  // "" if no more follow.
  };
  Result<Page> list(std::int64_t limit, const std::string& cursor) const;

 private:
  class KeyedChange;
  struct HashedKey {
    KeyStretch stretch;
    std::string hash;
  };
  using ChangeWithKey = std::function<OperationPtr(HashedKey key, OnChanged callback)>;

  // What is decided about a client. Nothing is written where nothing would change.
  struct Edit {
    std::string_view event;  // Of the audit log.
    HistoryAction action = HistoryAction::edit;
    std::string detail = {};
    enum class Record : std::uint8_t { kept, put, removed } record = Record::put;
    enum class Logins : std::uint8_t { kept, ended } logins = Logins::kept;
    std::optional<std::string> jti = {};  // Of the one login that ends.
  };
  // None if it stays as it is.
  using Decision = Result<std::optional<Edit>>;
  using Decide = std::function<Decision(std::optional<Client>& client)>;
  struct Made;
  struct Change;

  OperationPtr hash_then(WantedKey key, const KeyStretch& stretch, ChangeWithKey change,
                         OnChanged callback);
  OperationPtr add(const AccessCaller& caller, const Target& target, Decide decide,
                   OnChanged callback);
  OperationPtr put_with(const AccessCaller& caller, const Target& target,
                        const ClientChange& change, const std::optional<HashedKey>& key,
                        OnChanged callback);
  OperationPtr rotate_with(const AccessCaller& caller, const Target& target, const HashedKey& key,
                           std::chrono::seconds overlap, OnChanged callback);
  Result<Done> check(const std::string& id, const ClientChange& change, const WantedKey& key) const;
  Result<std::optional<Client>> find(const std::string& id) const;

  World world_;
  ClientTable table_;
  HistoryTable history_;
};

}  // namespace tokman
