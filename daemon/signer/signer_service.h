#pragma once
// Answers the calls of io.tokman.Signer.
//
// To add a method: a line in io.tokman.Signer.varlink, and one in kMethods of the .cc file.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/base/log.h"
#include "daemon/base/ports.h"
#include "daemon/signer/app_keys.h"
#include "daemon/signer/rate_limit.h"
#include "libtokman/base/result.h"
#include "libtokman/base/secret_bytes.h"
#include "libtokman/json/value.h"
#include "libtokman/protocol/message.h"

namespace tokman {

class SignerService {
 public:
  // Reads the configuration and the keys it names; an error changes nothing.
  using Loader = std::function<Result<std::vector<SigningApp>>()>;

  // REQUIRES: clock and log outlive this object.
  SignerService(const Clock& clock, Log& log, Loader load);

  // What Reload() does; also to be called once at the start.
  Result<Done> load();

  // The whole answer to one frame, empty if the caller wants none. An error means that the frame
  // is no call at all, and that nothing sensible can follow it.
  Result<SecretBytes> answer(std::string_view frame);

 private:
  struct Method;
  static const Method kMethods[];

  Result<json::Value> on_sign_app_jwt(const json::Value& parameters);
  Result<json::Value> on_reload(const json::Value& parameters);
  Result<json::Value> on_status(const json::Value& parameters);

  SecretBytes dispatch(const Call& call);
  Result<Done> take_turn(const std::string& app);
  const SigningApp* find_app(std::string_view name) const;

  const Clock& clock_;
  Log& log_;
  Loader load_;
  std::vector<SigningApp> apps_;
  std::map<std::string, RateLimit> limits_;  // Of apps that exist.
};

}  // namespace tokman
