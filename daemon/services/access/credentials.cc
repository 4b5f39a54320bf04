#include "daemon/services/access/credentials.h"

#include <algorithm>

namespace tokman {
namespace {

// What was judged is remembered no longer than this: groups of users change.
constexpr std::chrono::seconds kHeldFor{60};

bool is_access_token(const SecretBytes& auth) {
  return auth.reveal().starts_with(kAccessTokenPrefix);
}

bool may_present(const ClientLogin& login, uid_t uid) {
  const std::vector<uid_t>& uids = login.bind_uids;
  if (uids.empty()) return true;
  return uid != kOverflowId && std::find(uids.begin(), uids.end(), uid) != uids.end();
}

}  // namespace

std::optional<Result<Caller>> Credentials::judge(const SecretBytes& auth,
                                                 const Caller& peer) const {
  if (is_access_token(auth)) {
    const Result<AccessTokenInfo> token = read_token(auth);
    if (!token.ok()) return token.error();
    const PeerFacts* user = world_.callers.find_user(token.value().username);
    if (user == nullptr) return std::nullopt;
    return make_user(token.value(), *user, peer);
  }
  const std::optional<Result<ClientLogin>> login = world_.jwts.find(auth);
  if (!login) return std::nullopt;
  if (!login->ok()) return login->error();
  return make_client(login->value(), peer);
}

OperationPtr Credentials::prepare(const SecretBytes& auth,
                                  std::function<void(const Result<Done>&)> callback) const {
  if (is_access_token(auth)) {
    // An error would have been told by judge(), and will be when it is asked again.
    const Result<AccessTokenInfo> token = read_token(auth);
    return world_.callers.look_up_user(token.ok() ? token.value().username : "",
                                       [callback = std::move(callback)] { callback(Done{}); });
  }
  return world_.jwts.verify(auth,
                            [callback = std::move(callback)](const Result<ClientLogin>& login) {
                              callback(login.ok() ? Result<Done>(Done{}) : login.error());
                            });
}

Result<Caller> Credentials::judge_again(const SecretBytes& auth, const Caller& before,
                                        const Caller& peer) const {
  if (is_access_token(auth)) {
    const Result<AccessTokenInfo> token = read_token(auth);
    if (!token.ok()) return token.error();
    return make_user(token.value(), before.subject.facts, peer);
  }
  const std::optional<Result<ClientLogin>> login = world_.jwts.find(auth);
  if (!login) return Error{TOKMAN_E_BUSY, "the JWT must be verified again; ask again", "auth"};
  if (!login->ok()) return login->error();
  return make_client(login->value(), peer);
}

bool Credentials::still_holds(const Caller& caller) const {
  return !caller.validity || (caller.validity->epoch == world_.epoch.value() &&
                              world_.clock.now() < caller.validity->until);
}

Result<AccessTokenInfo> Credentials::read_token(const SecretBytes& auth) const {
  const std::optional<AccessToken> token = parse_access_token(auth.reveal());
  if (!token) return Error{TOKMAN_E_UNAUTHENTICATED, "'auth' is no access token", "auth"};
  return world_.tokens.judge(*token, world_.clock.unix_now());
}

// The user's account decides; unit and program of whoever presents the token can narrow that.
Caller Credentials::make_user(const AccessTokenInfo& token, const PeerFacts& user,
                              const Caller& peer) const {
  Caller caller;
  caller.subject.kind = Subject::Kind::user;
  caller.subject.facts = user;
  caller.subject.facts.pid = peer.subject.facts.pid;
  caller.subject.facts.has_pidfd = peer.subject.facts.has_pidfd;
  caller.subject.facts.unit = peer.subject.facts.unit;
  caller.subject.facts.program = peer.subject.facts.program;
  caller.subject.scope_bound = token.scopes;
  caller.principal = "user:" + token.username + " token:" + token.key + " " + peer.principal;
  caller.account = "user:" + token.username;
  caller.token = token;
  caller.validity = until(token.expires);
  return caller;
}

Result<Caller> Credentials::make_client(const ClientLogin& login, const Caller& peer) const {
  const uid_t uid = peer.subject.facts.uid;
  if (!may_present(login, uid)) {
    return Error{TOKMAN_E_DENIED,
                 "client '" + login.client_id + "' is not for uid " + std::to_string(uid), "auth"};
  }
  Caller caller;
  caller.subject = {.kind = Subject::Kind::client,
                    .facts = peer.subject.facts,
                    .client = login.client_id,
                    .scope_bound = login.scopes,
                    .max_priority = login.max_priority};
  caller.account = "client:" + login.client_id;
  caller.principal = caller.account + " " + peer.principal;
  caller.validity = until(login.expires_at);
  return caller;
}

Caller::Validity Credentials::until(std::optional<UnixTime> expires) const {
  std::chrono::seconds left = kHeldFor;
  if (expires) left = std::min(left, *expires - world_.clock.unix_now());
  return {world_.epoch.value(), world_.clock.now() + left};
}

}  // namespace tokman
