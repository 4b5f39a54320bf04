#pragma once
// Who a connection belongs to: the kernel's facts at accept, and the names of the ids.
//
// The facts come at once; names, and the accounts of users whose tokens are presented, may have to
// be asked from a directory server, so they are looked up off the loop and remembered for a minute.
// A caller is complete only with both.
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/base/waiters.h"
#include "daemon/domain/access/access_token.h"
#include "daemon/domain/policy/subject.h"
#include "libtokman/base/result.h"

namespace tokman {

struct Caller {
  // How long it is remembered whom a credential stands for.
  struct Validity {
    std::uint64_t epoch = 0;  // Of CredentialEpoch.
    Instant until{};
  };

  Subject subject;
  // For the audit log: "uid:1000(packit) unit:packit-worker@1.service", and before that the
  // credential that was presented: "client:batch …", "user:packit token:KEY …".
  std::string principal;
  std::string account;                        // What its calls and mints are counted under.
  std::optional<AccessTokenInfo> token = {};  // What was presented, if it was one.
  std::optional<Validity> validity = {};      // None: it is the peer itself.
};

class CallerDirectory {
 public:
  // REQUIRES: both outlive this object.
  CallerDirectory(Background& background, const Clock& clock)
      : background_(background), clock_(clock) {}

  // What the kernel knows. REQUIRES: `connection` is a connected Unix socket, just accepted.
  static Result<Caller> read(int connection);

  // Fills in the names if all are remembered; else false and nothing has changed.
  bool fill_names(Caller& caller) const;

  // Looks the missing names up; then fill_names() succeeds.
  [[nodiscard]] OperationPtr look_up_names(const Caller& caller, std::function<void()> callback);

  // The ids and groups of a user, as far as it has an account here, and its name; nullptr if that
  // is to be looked up first: once for all who ask. Good until the loop's next turn.
  const PeerFacts* find_user(const std::string& name) const;
  [[nodiscard]] OperationPtr look_up_user(const std::string& name, std::function<void()> callback);

 private:
  struct Name {
    std::optional<std::string> text;  // None: the id has no name.
    Instant good_until;
  };
  using Names = std::map<std::uint32_t, Name>;
  struct User {
    PeerFacts facts;
    Instant good_until;
  };
  struct LookUp {
    Waiters<Done> waiters;
    OperationPtr running;
  };

  void on_looked_up(const std::string& name, PeerFacts facts);

  const Name* find(const Names& names, std::uint32_t id) const;
  void keep(Names& names, std::uint32_t id, std::optional<std::string> text);

  Background& background_;
  const Clock& clock_;
  Names users_;
  Names groups_;
  std::map<std::string, User> accounts_;
  std::map<std::string, LookUp> look_ups_;  // Under way.
};

}  // namespace tokman
