#pragma once
// App JWTs from the signer, each kept for four of its five minutes, and which key signs them.
//
// https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
// A JWT is good for the order that it was made for, and as long as GitHub's clock is not found to
// be another. Several that ask for the same at once wait for one signature.
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "daemon/base/ports.h"
#include "daemon/base/waiters.h"
#include "daemon/domain/github/key_choice.h"
#include "daemon/services/signer/signer.h"

namespace tokman {

class AppJwts {
 public:
  // A JWT is not used where the clocks differ by that much more or less than was thought.
  static constexpr std::chrono::seconds kOffsetTolerance{30};

  // REQUIRES: all outlive this object.
  AppJwts(Signer& signer, const Clock& clock, Timers& timers)
      : signer_(signer), clock_(clock), timers_(timers) {}

  // How to have the next JWT made, with none of the keys in `tried`; none if there is no other.
  std::optional<JwtOrder> next_order(const std::string& app, std::chrono::seconds clock_offset,
                                     const std::set<std::string>& tried = {}) const;

  // One that may still be sent; the view lives until the next call of any function here.
  struct Found {
    std::string_view jwt;
    std::string key_fingerprint;
  };
  std::optional<Found> find(const JwtOrder& order) const;

  // Has a new one signed; when the callback is told Done, find() has it.
  using Signed = Result<Done>;
  [[nodiscard]] OperationPtr sign(const JwtOrder& order,
                                  std::function<void(const Signed&)> callback);

  // GitHub did not accept it.
  void forget(const JwtOrder& order);
  // After a reload: all JWTs, and that a server takes no client id.
  void forget_all();

  // What GitHub says of the app's keys.
  KeyChoice& keys(const std::string& app) { return apps_[app].keys; }
  const KeyChoice* find_keys(const std::string& app) const;

  // This app's server does not take its client id.
  void use_app_id(const std::string& app) { apps_[app].issuer = Issuer::app_id; }

  // Has the signer read its keys again, and learns which there are.
  using Refreshed = Result<Done>;
  [[nodiscard]] OperationPtr refresh(std::function<void(const Refreshed&)> callback);

  // GitHub does not know a new key everywhere at once: 1 s, 2 s, 4 s. REQUIRES: 0 <= number <
  // kPausesMax.
  static constexpr int kPausesMax = 3;
  [[nodiscard]] OperationPtr pause(int number, std::function<void()> callback);

  // Of the key that signs next, as GitHub's settings show it; "" while no usable one is known.
  std::string key_fingerprint(const std::string& app) const;

 private:
  struct App {
    KeyChoice keys;
    Issuer issuer = Issuer::preferred;
  };
  struct Slot {
    AppJwt jwt;
    JwtOrder order;  // What jwt was made for.
    Instant good_until;
    Waiters<Signed> waiters;
    OperationPtr signing;
  };
  using SlotKey = std::pair<std::string, std::string>;  // App and key.

  void on_signed(const JwtOrder& order, Result<AppJwt> jwt);
  void on_refreshed(const Result<std::vector<SigningAppStatus>>& status);

  Signer& signer_;
  const Clock& clock_;
  Timers& timers_;
  std::map<std::string, App> apps_;
  std::map<SlotKey, Slot> slots_;
  Waiters<Refreshed> refresh_waiters_;
  OperationPtr refreshing_;
};

}  // namespace tokman
