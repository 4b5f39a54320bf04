#pragma once
// App JWTs from the signer, each kept for four of its five minutes.
//
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
// Several that ask at once wait for one signature.
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/base/ports.h"
#include "daemon/base/waiters.h"
#include "daemon/services/signer/signer.h"

namespace tokman {

class AppJwts {
 public:
  // REQUIRES: signer and clock outlive this object.
  AppJwts(Signer& signer, const Clock& clock) : signer_(signer), clock_(clock) {}

  // One that may still be sent; the view lives until the next call of any function here.
  std::optional<std::string_view> find(const std::string& app) const;

  // Has a new one signed; when the callback is told Done, find() has it.
  using Signed = Result<Done>;
  [[nodiscard]] OperationPtr sign(const std::string& app,
                                  std::function<void(const Signed&)> callback);

  // After a reload, or when GitHub did not accept a JWT.
  void forget(const std::string& app);
  void forget_all();

  // Of the key that signed last, as GitHub's settings show it; "" before that.
  std::string key_fingerprint(const std::string& app) const;

 private:
  struct Slot {
    AppJwt jwt;
    Instant good_until;
    Waiters<Signed> waiters;
    OperationPtr signing;
  };

  void on_signed(const std::string& app, Result<AppJwt> jwt);

  Signer& signer_;
  const Clock& clock_;
  std::map<std::string, Slot> slots_;
};

}  // namespace tokman
