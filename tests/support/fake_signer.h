#pragma once
// A signer without a key: its JWTs are numbered, and all of them hold kPlantedJwt.
#include <map>
#include <string>

#include "daemon/services/signer/signer.h"
#include "daemon/signer/access_jwt.h"
#include "tests/support/captured_log.h"
#include "tests/support/turn_queue.h"

namespace tokman {

inline constexpr std::string_view kPlantedJwt = "PLANTED-JWT";

class FakeSigner final : public Signer {
  const Clock& clock_;  // First: access_keys uses it.

 public:
  explicit FakeSigner(const Clock& clock) : clock_(clock) { access_keys.configure(""); }

  [[nodiscard]] OperationPtr sign_app_jwt(const JwtOrder& order,
                                          std::function<void(Result<AppJwt>)> callback) override {
    ++signatures;
    orders.push_back(order);
    return turns_.add([this, order, callback = std::move(callback)] { callback(sign(order)); });
  }

  [[nodiscard]] OperationPtr verify_webhook(const std::string&, const std::string& signature,
                                            Fd body, OnVerdict callback) override {
    ++webhooks;
    webhook_body = std::move(body);
    return turns_.add([this, signature, callback = std::move(callback)] {
      callback(signature == good_signature ? WebhookVerdict{true, 0} : WebhookVerdict{});
    });
  }

  // With a key of its own, which a test may change.
  [[nodiscard]] OperationPtr sign_access_jwt(
      const AccessJwtOrder& order, std::function<void(Result<SignedAccessJwt>)> callback) override {
    const JwtClaims claims{.issuer = "tokman",
                           .client_id = order.client_id,
                           .jti = order.jti,
                           .issued_at = clock_.unix_now(),
                           .expires_at = clock_.unix_now() + kAccessJwtLifetime,
                           .scopes = order.scopes,
                           .max_priority = order.max_priority};
    return turns_.add([this, claims, callback = std::move(callback)] {
      if (failure) return callback(*failure);
      callback(SignedAccessJwt{sign_access_jwt(claims), claims.expires_at});
    });
  }
  SecretBytes sign_access_jwt(const JwtClaims& claims) const {
    return tokman::sign_access_jwt(claims, *access_keys.current().value()).value();
  }

  [[nodiscard]] OperationPtr verification_keys(OnVerificationKeys callback) override {
    ++key_questions;
    return turns_.add([this, callback = std::move(callback)] {
      if (failure) return callback(*failure);
      std::vector<VerificationKey> keys;
      for (const PublicAccessKey& key : access_keys.public_keys()) {
        keys.push_back({key.kid, key.bytes});
      }
      callback(keys);
    });
  }

  [[nodiscard]] OperationPtr reload(std::function<void(Result<Done>)> callback) override {
    ++reloads;
    return turns_.add([callback = std::move(callback)] { callback(Done{}); });
  }

  [[nodiscard]] OperationPtr refresh(OnStatus callback) override {
    ++refreshes;
    return status(std::move(callback));
  }

  [[nodiscard]] OperationPtr status(OnStatus callback) override {
    return turns_.add(
        [this, callback = std::move(callback)] { failure ? callback(*failure) : callback(apps); });
  }

  [[nodiscard]] OperationPtr drop_replaced_keys(
      const std::string& app, std::function<void(Result<Done>)> callback) override {
    return turns_.add([this, app, callback = std::move(callback)] {
      for (SigningAppStatus& status : apps) {
        if (status.name != app) continue;
        std::erase_if(status.keys, [](const SigningKeyStatus& key) { return key.is_replaced; });
      }
      callback(Done{});
    });
  }

  // The fingerprint of the key that signed the JWT in this Authorization header.
  std::string key_of(const std::string& authorization) const {
    const auto found = keys_.find(authorization);
    return found == keys_.end() ? "" : found->second;
  }

  bool step() { return !is_hanging && turns_.step(); }

  int signatures = 0;            // Asked for so far.
  std::vector<JwtOrder> orders;  // The same, one by one.
  int reloads = 0;
  int refreshes = 0;
  int webhooks = 0;                            // Asked to be verified so far,
  Fd webhook_body;                             // the last of them.
  std::string good_signature = "sha256=good";  // The only one that is valid.
  bool is_hanging = false;
  std::optional<Error> failure;  // What signing gives while it is set.
  std::vector<SigningAppStatus> apps;
  int key_questions = 0;  // For verification keys.
  CapturedLog lines;
  Log log{lines};
  AccessKeys access_keys{clock_, log, [](const std::string& place) -> Result<SecretBytes> {
                           return Error{TOKMAN_E_SECRET_UNAVAILABLE, place};
                         }};

 private:
  Result<AppJwt> sign(const JwtOrder& order) {
    if (failure) return *failure;
    const Result<std::string> key = key_for(order);
    if (!key.ok()) return key.error();
    const std::string text =
        std::string(kPlantedJwt) + "-" + order.app + "-" + std::to_string(++signed_);
    keys_.emplace("Bearer " + text, key.value());
    return AppJwt{SecretBytes(text), clock_.unix_now() + std::chrono::minutes(5), key.value()};
  }

  // An app that nothing was said about has one key.
  Result<std::string> key_for(const JwtOrder& order) const {
    for (const SigningAppStatus& app : apps) {
      if (app.name != order.app) continue;
      for (const SigningKeyStatus& key : app.keys) {
        if (key.fingerprint.empty()) continue;
        const bool is_wanted =
            order.key_fingerprint.empty() || order.key_fingerprint == key.fingerprint;
        if (is_wanted) return key.fingerprint;
      }
      return Error{TOKMAN_E_NOT_FOUND, "no such key", "key_fingerprint"};
    }
    return "SHA256:of-" + order.app;
  }

  TurnQueue turns_;
  int signed_ = 0;
  std::map<std::string, std::string> keys_;  // By the header that shows what they signed.
};

}  // namespace tokman
