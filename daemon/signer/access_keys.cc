#include "daemon/signer/access_keys.h"

#include "daemon/domain/access/jwt_claims.h"
#include "daemon/platform/crypto/digest.h"
#include "libtokman/base/encoding.h"

namespace tokman {
namespace {

// The members that RFC 7638 wants, in its order.
std::string thumbprint(const std::string& public_key) {
  return base64url(
      sha256(R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url(public_key) + R"("})"));
}

}  // namespace

void AccessKeys::configure(const std::string& location) {
  const bool is_of_another_place = location != location_;
  location_ = location;
  if (!location.empty()) return refresh();
  if (current_ && !is_of_another_place) return;
  Result<Ed25519Key> made = Ed25519Key::generate();
  if (made.ok()) return use(std::move(made).value());
  log_.error("no key for JWTs of clients", {{"error", made.error().message}});
}

void AccessKeys::refresh() {
  if (location_.empty()) return;
  Result<Ed25519Key> key = read();
  if (key.ok()) {
    error_.clear();
    if (!current_ || current_->key.public_key() != key.value().public_key()) {
      use(std::move(key).value());
    }
    return;
  }
  if (error_ == key.error().message) return;  // Said once, not each time it is looked at.
  error_ = key.error().message;
  log_.warning("access.jwt_key unusable",
               {{"error", error_}, {"last_value_kept", current_ ? "yes" : "no"}});
}

Result<Ed25519Key> AccessKeys::read() const {
  const Result<SecretBytes> pem = read_secret_(location_);
  if (!pem.ok()) return pem.error();
  Result<Ed25519Key> key = Ed25519Key::load(pem.value());
  if (!key.ok()) return within(location_, key.error());
  return key;
}

void AccessKeys::use(Ed25519Key key) {
  if (current_) {
    former_.push_back({{current_->kid, current_->key.public_key()},
                       clock_.unix_now() + kAccessJwtLifetime + kAccessJwtLeeway});
    if (former_.size() > kFormerMax) former_.pop_front();
  }
  std::string kid = thumbprint(key.public_key());
  current_.emplace(AccessKey{std::move(key), std::move(kid)});
  log_.info("key for JWTs of clients", {{"kid", current_->kid}});
}

Result<const AccessKey*> AccessKeys::current() const {
  if (current_) return &*current_;
  return Error{TOKMAN_E_SECRET_UNAVAILABLE, "there is no key for JWTs of clients: " + error_};
}

std::vector<PublicAccessKey> AccessKeys::public_keys() const {
  std::vector<PublicAccessKey> keys;
  if (current_) keys.push_back({current_->kid, current_->key.public_key()});
  for (const Former& former : former_) {
    if (clock_.unix_now() < former.until) keys.push_back(former.key);
  }
  return keys;
}

}  // namespace tokman
