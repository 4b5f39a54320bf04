#pragma once
// One exchange with GitHub as an app: a JWT, the request, and what a refused JWT calls for.
//
// The happy path: a JWT of the key that GitHub accepts is at hand or signed; GitHub answers.
//
// What can go wrong with a JWT, each once in an exchange, at most:
//   its time is wrong         GitHub's Date has just been learned: signed anew with it
//   it cannot be decoded      the key is not the app's: the keys are read anew, the next one signs
//   no public key is known    a new key takes a moment to be known: the next one signs; after all
//   of
//                             them, three pauses
//   the issuer is no integer  an old server, which takes the app id only
//   anything else             if it had been used before, a fresh one
// The caller sees the last refusal. Answers that do not refuse the JWT are given as they are.
#include <functional>
#include <string>

#include "daemon/base/ports.h"
#include "daemon/domain/config/config.h"
#include "daemon/services/github/app_jwts.h"
#include "daemon/services/github/github_time.h"
#include "daemon/services/github/github_traffic.h"

namespace tokman {

struct ExchangeWorld {  // REQUIRES: all outlive the exchange.
  HttpClient& http;
  AppJwts& jwts;
  GithubTime& time;
  GithubTraffic& traffic;
};

// `request` has a path for its url; the app's address and headers are added. With `only_key`, a
// fingerprint, no other key signs. What GitHub must not be asked now, because it limits the app or
// fails, is not sent.
[[nodiscard]] OperationPtr start_exchange(const ExchangeWorld& world, const AppConfig& app,
                                          HttpRequest request,
                                          std::function<void(Result<HttpResponse>)> callback,
                                          const std::string& only_key = "");

}  // namespace tokman
