#include "daemon/services/access/client_logins.h"

#include <array>
#include <utility>

#include "daemon/domain/access/jwt_claims.h"
#include "daemon/services/store/awaited_change.h"
#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

Error refused() {
  return Error{TOKMAN_E_UNAUTHENTICATED, "no client with this id and key may log in"};
}

Error too_many(const std::string& what, std::chrono::milliseconds wait) {
  Error error{TOKMAN_E_RATE_LIMITED, what};
  error.retry_after = wait;
  return error;
}

std::string make_jti(Random& random) {
  std::array<char, 16> bytes = {};
  random.fill(bytes.data(), bytes.size());
  return base64url({bytes.data(), bytes.size()});
}

// The client as it is now, and as it was when its key was compared.
Result<Done> judge_again(const std::optional<Client>& now_there, const Client& client,
                         const std::string& hash, UnixTime now) {
  if (!now_there || !now_there->is_alive(now)) return refused();
  if (now_there->stretch == client.stretch && now_there->keys.size() == client.keys.size()) {
    if (now_there->has_key(hash, now)) return Done{};
    return refused();
  }
  return Error{TOKMAN_E_BUSY, "the client's keys have just changed; try again"};
}

Result<Done> make_room(const ClientTable& table, WriteTxn& txn, const std::string& id,
                       UnixTime now) {
  if (Result<Done> swept = table.sweep_logins(txn, id, now); !swept.ok()) return swept;
  const Result<std::int64_t> alive = table.count_logins(txn, id, now);
  if (!alive.ok()) return alive.error();
  if (alive.value() < ClientLogins::kAliveMax) return Done{};
  return too_many("the client has 1,000 logins; end some, or wait", kAccessJwtLifetime);
}

}  // namespace

class ClientLogins::Login final : public Operation {
 public:
  Login(ClientLogins& owner, LoginPeer peer, ClientCredentials credentials, OnIssued callback)
      : owner_(owner),
        world_(owner.world_),
        peer_(std::move(peer)),
        credentials_(std::move(credentials)),
        callback_(std::move(callback)) {}

  void start() {
    if (Result<Done> admitted = owner_.admit(peer_.uid); !admitted.ok()) {
      return finish_later(std::move(admitted).error());
    }
    Result<std::optional<Client>> found = owner_.find(credentials_.id);
    if (!found.ok()) return finish_later(std::move(found).error());
    client_ = std::move(found).value();
    const bool has_key = client_ && !client_->keys.empty();
    step_ = world_.keys.hash(copy_of_key(), has_key ? client_->stretch : owner_.decoy_,
                             [this](Result<std::string> hash) { on_hashed(std::move(hash)); });
  }

 private:
  SecretBytes copy_of_key() const { return SecretBytes(credentials_.key.reveal()); }

  void on_hashed(Result<std::string> hash) {
    if (!hash.ok()) return finish(std::move(hash).error());
    hash_ = std::move(hash).value();
    if (!client_ || !may_log_in(*client_)) return finish(refused());
    const bool is_only_key = client_->keys.size() == 1;
    if (!is_only_key || !world_.keys.is_out_of_date(client_->stretch)) return sign();
    newer_stretch_ = world_.keys.make_stretch();
    step_ = world_.keys.hash(copy_of_key(), *newer_stretch_, [this](Result<std::string> newer) {
      on_hashed_anew(std::move(newer));
    });
  }

  void on_hashed_anew(Result<std::string> hash) {
    if (!hash.ok()) return finish(std::move(hash).error());
    newer_hash_ = std::move(hash).value();
    sign();
  }

  bool may_log_in(const Client& client) const {
    const UnixTime now = world_.clock.unix_now();
    const bool has_key = client.has_key(hash_, now);
    return client.is_alive(now) && has_key;
  }

  void sign() {
    jti_ = make_jti(world_.random);
    const AccessJwtOrder order{client_->id, jti_, client_->scopes, client_->max_priority};
    step_ = world_.signer.sign_access_jwt(
        order, [this](Result<SignedAccessJwt> jwt) { on_signed(std::move(jwt)); });
  }

  void on_signed(Result<SignedAccessJwt> jwt) {
    if (!jwt.ok()) return finish(std::move(jwt).error());
    jwt_ = std::move(jwt).value();
    step_ = add_awaited<Done>(
        world_.writer, world_.clock, world_.timers,
        {.decide = make_decision(),
         .made =
             [&audit = world_.audit, peer = peer_, id = client_->id, jti = jti_](Done) {
               audit.of_client("client-login", {peer.principal, id, "jti " + jti});
             },
         .callback = [this](Result<Done> stored) { on_stored(std::move(stored)); }});
  }

  // What it needs is copied: it may run when this is gone.
  std::function<Result<Result<Done>>(WriteTxn&)> make_decision() const {
    return [table = owner_.table_, client = *client_, hash = hash_, stretch = newer_stretch_,
            newer_hash = newer_hash_, jti = jti_, now = world_.clock.unix_now(),
            until = jwt_.expires_at + kAccessJwtLeeway](WriteTxn& txn) -> Result<Result<Done>> {
      Result<std::optional<Client>> found = table.find(txn, client.id);
      if (!found.ok()) return found.error();
      const Result<Done> judged = judge_again(found.value(), client, hash, now);
      if (!judged.ok()) return judged;
      if (Result<Done> room = make_room(table, txn, client.id, now); !room.ok()) return room;
      if (stretch) {
        found.value()->stretch = *stretch;
        found.value()->keys[0].hash = newer_hash;
        if (Result<Done> put = table.put(txn, *found.value()); !put.ok()) return put.error();
      }
      const Result<Done> added = table.add_login(txn, client.id, jti, until);
      if (!added.ok()) return added.error();
      return added;
    };
  }

  void on_stored(Result<Done> stored) {
    if (!stored.ok()) return finish(std::move(stored).error());
    finish(
        IssuedLogin{std::move(jwt_.jwt), jwt_.expires_at, client_->scopes, client_->max_priority});
  }

  void finish_later(Error error) {
    step_ =
        world_.timers.at(world_.clock.now(), [this, error = std::move(error)] { finish(error); });
  }

  void finish(Result<IssuedLogin> result) {
    const OnIssued callback = std::move(callback_);
    callback(std::move(result));  // *this may be gone.
  }

  ClientLogins& owner_;
  const World& world_;
  LoginPeer peer_;
  ClientCredentials credentials_;
  OnIssued callback_;
  std::optional<Client> client_;
  std::string hash_;  // Of the key that was given.
  std::optional<KeyStretch> newer_stretch_;
  std::string newer_hash_;
  std::string jti_;
  SignedAccessJwt jwt_;
  OperationPtr step_;
};

ClientLogins::ClientLogins(World world)
    : world_(std::move(world)), table_(world_.database), decoy_(world_.keys.make_stretch()) {}

OperationPtr ClientLogins::log_in(const LoginPeer& peer, ClientCredentials credentials,
                                  OnIssued callback) {
  auto login = std::make_unique<Login>(*this, peer, std::move(credentials), std::move(callback));
  login->start();
  return login;
}

// Only what is hashed counts.
Result<Done> ClientLogins::admit(uid_t uid) {
  if (Result<Done> room = world_.keys.has_room(); !room.ok()) return room;
  const Instant now = world_.clock.now();
  if (peers_.size() >= kPeersMax && !peers_.contains(uid)) {
    std::erase_if(peers_, [now](const auto& peer) { return peer.second.is_full(now); });
    if (peers_.size() >= kPeersMax)
      return too_many("too many uids log in", std::chrono::seconds(1));
  }
  const std::int64_t per_minute = world_.per_minute();
  const RateBucket::Rate rate{.per_minute = per_minute, .burst = per_minute};
  RateBucket& bucket = peers_[uid];
  if (const Instant next = bucket.next_at(rate, now); next > now) {
    return too_many("too many logins of one uid", next - now);
  }
  bucket.take(rate, now);
  return Done{};
}

Result<std::optional<Client>> ClientLogins::find(const std::string& id) {
  if (!fits_client_id(id)) return std::optional<Client>();
  return world_.database.store().read([&](const ReadTxn& txn) { return table_.find(txn, id); });
}

}  // namespace tokman
