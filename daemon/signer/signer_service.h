#pragma once
// Answers the calls of io.tokman.Signer.
//
// A call may have a descriptor with it (VerifyWebhook's body); whoever answers it takes it.
//
// To add a method: a line in io.tokman.Signer.varlink, and one in kMethods of the .cc file.
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/domain/limits/rate_bucket.h"
#include "daemon/signer/access_keys.h"
#include "daemon/signer/app_keys.h"
#include "libtokman/base/fd.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/json/value.h"
#include "libtokman/protocol/message.h"

namespace tokman {

class SignerService {
 public:
  // What of the configuration concerns the signer.
  struct Settings {
    std::vector<AppConfig> apps;
    AccessConfig access = {};
  };
  // Where it and secrets come from; an error changes nothing.
  struct Sources {
    std::function<Result<Settings>()> read_settings;
    AppKeys::SecretReader read_secret;
    AppKeys::TokenKeyOpener open_token_key = {};
  };

  // REQUIRES: clock and log outlive this object.
  SignerService(const Clock& clock, Log& log, Sources sources);

  // What Reload() does; also to be called once at the start.
  Result<Done> load();

  // The whole answer to one frame, empty if the caller wants none. An error means that the frame
  // is no call at all, and that nothing sensible can follow it. `descriptors` came with it, or with
  // what follows it, in that order.
  Result<SecretBytes> answer(std::string_view frame, std::deque<Fd>& descriptors);

 private:
  struct Method;
  static const Method kMethods[];
  struct Request {
    const json::Value& parameters;
    std::deque<Fd>& descriptors;
  };
  struct Order;

  Result<json::Value> on_sign_app_jwt(const Request& request);
  Result<json::Value> on_verify_webhook(const Request& request);
  Result<json::Value> on_sign_access_jwt(const Request& request);
  Result<json::Value> on_access_jwt_keys(const Request& request);
  Result<json::Value> on_reload(const Request& request);
  Result<json::Value> on_refresh(const Request& request);
  Result<json::Value> on_status(const Request& request);
  Result<json::Value> on_drop_replaced_keys(const Request& request);

  SecretBytes dispatch(const Call& call, std::deque<Fd>& descriptors);
  Result<json::Value> sign(const SigningApp& app, const RsaKey& key, const Order& order);
  Result<Done> take_turn(RateBucket& bucket, RateBucket::Rate rate, const std::string& what);

  const Clock& clock_;
  Log& log_;
  std::function<Result<Settings>()> read_settings_;
  AppKeys keys_;
  std::map<std::string, RateBucket> app_turns_;  // Of apps that exist.
  std::string issuer_;                           // Of JWTs of clients.
  AccessKeys access_keys_;
  RateBucket access_turns_;
};

}  // namespace tokman
