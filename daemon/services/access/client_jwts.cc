#include "daemon/services/access/client_jwts.h"

#include <algorithm>

#include "daemon/platform/crypto/digest.h"
#include "daemon/platform/crypto/ed25519_key.h"

namespace tokman {
namespace {

Error refused(const std::string& why) {
  return Error{TOKMAN_E_UNAUTHENTICATED, "the client's JWT " + why};
}

ClientLogin make_login(const JwtClaims& claims, const Client& client) {
  ClientLogin login{.client_id = client.id,
                    .jti = claims.jti,
                    .scopes = {},
                    .max_priority = client.max_priority,
                    .bind_uids = client.bind_uids,
                    .expires_at = claims.refused_at()};
  std::set_intersection(claims.scopes.begin(), claims.scopes.end(), client.scopes.begin(),
                        client.scopes.end(), std::inserter(login.scopes, login.scopes.end()));
  if (client.expires) login.expires_at = std::min(login.expires_at, *client.expires);
  return login;
}

}  // namespace

// Happy path: parse -> (the key is known, or asked for) -> check the signature -> judge.
class ClientJwts::Verification final : public Operation {
 public:
  Verification(ClientJwts& owner, OnJudged callback)
      : owner_(owner), callback_(std::move(callback)) {}

  void start(std::string_view jwt) {
    digest_ = sha256(jwt);
    Result<ParsedJwt> parsed = parse_access_jwt(jwt);
    if (!parsed.ok()) return finish_later(std::move(parsed).error());
    check_ = std::make_shared<Check>(Check{std::move(parsed).value(), "", false});
    const auto known = owner_.known_.find(digest_);
    if (known != owner_.known_.end()) return finish_later(owner_.judge(known->second));
    if (const auto* key = owner_.world_.keys.find(check_->jwt.kid)) return check_signature(*key);
    step_ = owner_.world_.keys.ask(
        [this](const Result<VerificationKeys::Keys>& told) { on_keys(told); });
  }

 private:
  struct Check {
    ParsedJwt jwt;
    std::string key;
    bool is_signed;
  };

  void on_keys(const Result<VerificationKeys::Keys>& told) {
    if (const auto* key = owner_.world_.keys.find(check_->jwt.kid)) return check_signature(*key);
    if (!told.ok()) return finish(told.error());
    finish(refused("is signed with a key that is not known"));
  }

  void check_signature(const VerificationKey& key) {
    check_->key = key.bytes;
    step_ = owner_.world_.background.run(
        [check = check_] {
          check->is_signed =
              ed25519_signed(check->key, check->jwt.signed_text, check->jwt.signature);
        },
        [this] { on_checked(); });
  }

  void on_checked() {
    if (!check_->is_signed) return finish(refused("has a signature that is not its signer's"));
    finish(owner_.judge(owner_.remember(digest_, std::move(check_->jwt.claims))));
  }

  void finish_later(Result<ClientLogin> result) {
    const auto kept = std::make_shared<Result<ClientLogin>>(std::move(result));
    step_ = owner_.world_.timers.at(owner_.world_.clock.now(),
                                    [this, kept] { finish(std::move(*kept)); });
  }

  void finish(Result<ClientLogin> result) {
    const OnJudged callback = std::move(callback_);
    callback(std::move(result));  // *this may be gone.
  }

  ClientJwts& owner_;
  std::string digest_;
  OnJudged callback_;
  std::shared_ptr<Check> check_;  // Shared with the thread that checks.
  OperationPtr step_;
};

OperationPtr ClientJwts::verify(const SecretBytes& jwt, OnJudged callback) {
  auto verification = std::make_unique<Verification>(*this, std::move(callback));
  verification->start(jwt.reveal());
  return verification;
}

std::optional<Result<ClientLogin>> ClientJwts::find(const SecretBytes& jwt) {
  const auto known = known_.find(sha256(jwt.reveal()));
  if (known == known_.end()) return std::nullopt;
  return judge(known->second);
}

ClientJwts::Known& ClientJwts::remember(const std::string& digest, JwtClaims claims) {
  const UnixTime now = world_.clock.unix_now();
  while (!order_.empty() &&
         (order_.size() >= kKnownMax || known_[order_.front()].claims.refused_at() <= now)) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  const auto [known, is_new] = known_.try_emplace(digest, Known{.claims = std::move(claims)});
  if (is_new) order_.push_back(digest);
  return known->second;
}

Result<ClientLogin> ClientJwts::judge(Known& known) {
  const UnixTime now = world_.clock.unix_now();
  if (known.claims.issuer != world_.live.config().access.issuer) {
    return refused("is of another issuer");
  }
  if (Result<Done> in_time = judge_times(known.claims, now); !in_time.ok()) return in_time.error();
  const std::uint64_t epoch = world_.epoch.value();
  if (known.login && known.epoch == epoch && now < known.login->expires_at) return *known.login;
  known.login.reset();
  Result<ClientLogin> login = read_login(known.claims);
  if (!login.ok()) return login;
  known.login = login.value();
  known.epoch = epoch;
  return login;
}

Result<ClientLogin> ClientJwts::read_login(const JwtClaims& claims) {
  return world_.database.store().read([&](const ReadTxn& txn) -> Result<ClientLogin> {
    const Result<bool> has_login = clients_.has_login(txn, claims.client_id, claims.jti);
    if (!has_login.ok()) return has_login.error();
    const Result<std::optional<Client>> client = clients_.find(txn, claims.client_id);
    if (!client.ok()) return client.error();
    const bool is_good =
        has_login.value() && client.value() && client.value()->is_alive(world_.clock.unix_now());
    if (!is_good) return refused("is of a login that was ended");
    return make_login(claims, *client.value());
  });
}

}  // namespace tokman
