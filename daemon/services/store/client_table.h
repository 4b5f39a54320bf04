#pragma once
// Clients in the store, and the logins that they have made.
//
// A login is a row while its JWT may live: what has none is not accepted any more. Rows whose time
// is over may lie there until the client's next login, or until they are swept.
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/domain/access/client.h"
#include "daemon/services/store/database.h"

namespace tokman {

class ClientTable {
 public:
  // REQUIRES: database outlives this object.
  explicit ClientTable(const Database& database)
      : clients_(database.sealed(TableId::clients)),
        logins_(database.sealed(TableId::client_logins)) {}

  Result<std::optional<Client>> find(const ReadTxn& txn, std::string_view id) const;
  Result<Done> put(WriteTxn& txn, const Client& client) const;
  // With its logins; gives how many of those were alive.
  Result<std::int64_t> remove(WriteTxn& txn, std::string_view id, UnixTime now) const;

  // Those behind `id`, in the order of their ids, until visit returns false. One that cannot be
  // read is visited as an Error.
  using Visit = std::function<bool(std::string_view id, Result<Client> client)>;
  Result<Done> for_each_after(const ReadTxn& txn, std::string_view id, const Visit& visit) const;

  // Of logins and their JWTs; `until` is when the JWT is refused anyway.
  Result<Done> add_login(WriteTxn& txn, std::string_view id, std::string_view jti,
                         UnixTime until) const;
  Result<bool> has_login(const ReadTxn& txn, std::string_view id, std::string_view jti) const;
  Result<std::int64_t> count_logins(const ReadTxn& txn, std::string_view id, UnixTime now) const;
  // Each gives how many of those that it removed were alive.
  Result<std::int64_t> end_login(WriteTxn& txn, std::string_view id, std::string_view jti,
                                 UnixTime now) const;
  Result<std::int64_t> end_logins(WriteTxn& txn, std::string_view id, UnixTime now) const;
  // Removes those whose time is over: of one client, or for "" of all.
  Result<Done> sweep_logins(WriteTxn& txn, std::string_view id, UnixTime now) const;

 private:
  // A row that cannot be read is over.
  using VisitLogin = std::function<bool(std::string_view key, UnixTime until)>;
  Result<Done> for_each_login(const ReadTxn& txn, std::string_view prefix,
                              const VisitLogin& visit) const;

  const SealedTable& clients_;
  const SealedTable& logins_;
};

}  // namespace tokman
