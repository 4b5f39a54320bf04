#pragma once
// Whom one call is judged as: the peer, or whom the credential in its `auth` stands for.
//
// A credential is the only thing judged: where it is bad, judge() says so, and there is no way back
// to the peer. Until it has been judged, the peer is who is written down.
#include <functional>
#include <memory>
#include <optional>

#include "daemon/api/services.h"
#include "daemon/domain/limits/caller_budgets.h"
#include "daemon/services/callers/caller_directory.h"
#include "libtokman/json/value.h"

namespace tokman {

class CallIdentity {
 public:
  struct World {  // REQUIRES: all outlive this object.
    Services& services;
    const Caller& peer;
    CallerBudgets::Account& account;  // The peer's.
  };

  // `auth` is absent if the call has none.
  CallIdentity(const json::Value& auth, const World& world);

  const Caller& caller() const { return presented_ ? *presented_ : world_.peer; }
  const Caller& peer() const { return world_.peer; }
  // Whom the credential stands for; none if the call has none.
  const std::shared_ptr<const Caller>& presented() const { return presented_; }
  // Counts what the caller does.
  CallerBudgets::Account& account() { return account_ ? *account_ : world_.account; }

  // Done: caller() is who calls. None: prepare() first.
  std::optional<Result<Done>> judge();
  [[nodiscard]] OperationPtr prepare(std::function<void(const Result<Done>&)> callback);

  // After a wait: takes over what the caller has become. An error if it is nobody any more.
  Result<Done> judge_again();

 private:
  void present(Caller caller);

  World world_;
  bool has_auth_;
  std::optional<SecretBytes> auth_;  // None beside has_auth_: it is no text.
  std::shared_ptr<const Caller> presented_;
  std::optional<CallerBudgets::Account> account_;
};

}  // namespace tokman
